'use client';
import { Checkbox, FormGroup } from '@patternfly/react-core';
import { Fields, TextField } from '../../ui/fields.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { type Draft, type NumberField, wrongAt } from './draft.ts';
import type { Part } from './set-up-fields.tsx';

const ACCOUNTS = [
  { value: 'at-sign-in', text: 'at their first sign-in' },
  { value: 'by-sync', text: 'for everybody, with the sync' },
];
const NUMBERS: readonly { key: NumberField; label: string; help?: string }[] = [
  {
    key: 'syncSeconds',
    label: 'Sync every … seconds',
    help: 'Who left or was disabled loses access within this time.',
  },
  { key: 'fullSyncMinutes', label: 'Sync everything every … minutes' },
  {
    key: 'graceMinutes',
    label: 'While it is away, sessions and tokens go on for … minutes',
  },
  { key: 'connectTimeoutMs', label: 'Wait for a connection, ms' },
  { key: 'operationTimeoutMs', label: 'Wait for an answer of a sync, ms' },
];

/** When accounts come to be, how often the directory is asked, and when a sync stops and asks. */
export const SyncFields = ({ draft, set, parsed }: Part) => (
  <Panel title="Accounts and syncs">
    <Fields>
      <FormGroup label="People get their account">
        <RangeChips
          label="People get their account"
          options={ACCOUNTS}
          value={draft.accounts}
          onChange={(accounts) => set({ accounts: accounts as Draft['accounts'] })}
        />
      </FormGroup>
      {NUMBERS.map(({ key, label, help }) => (
        <TextField
          key={key}
          type="number"
          label={label}
          help={help}
          wrong={wrongAt(parsed, key)}
          value={draft[key]}
          onChange={(value) => set({ [key]: value })}
        />
      ))}
      <TextField
        type="number"
        label="A sync that would end more than … % of the memberships or accounts stops and asks"
        wrong={wrongAt(parsed, 'guard', 'percent')}
        value={draft.guardPercent}
        onChange={(guardPercent) => set({ guardPercent })}
      />
      <TextField
        type="number"
        label="Up to so many are never too many"
        wrong={wrongAt(parsed, 'guard', 'atLeast')}
        value={draft.guardAtLeast}
        onChange={(guardAtLeast) => set({ guardAtLeast })}
      />
      {draft.kind === 'openldap' && (
        <TextField
          label="Attribute that tells an entry from all others for ever"
          help="389 DS has nsUniqueId, FreeIPA ipaUniqueID; OpenLDAP entryUUID."
          wrong={wrongAt(parsed, 'keyAttribute')}
          value={draft.keyAttribute}
          onChange={(keyAttribute) => set({ keyAttribute })}
        />
      )}
      <TextField
        type="number"
        label="Its place in the order of directories"
        help="A name that several know belongs to the first."
        value={draft.position}
        onChange={(position) => set({ position })}
      />
      <Checkbox
        id="directory-enabled"
        label="People sign in by it"
        description="Off: nobody does, and their sessions end; their accounts stay."
        isChecked={draft.enabled}
        onChange={(_, enabled) => set({ enabled })}
      />
    </Fields>
  </Panel>
);
