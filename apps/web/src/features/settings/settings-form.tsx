'use client';
import { Checkbox, Form, FormGroup } from '@patternfly/react-core';
import { routes, Settings } from '@portreeve/contract';
import { useState } from 'react';
import type { CallOutput } from '../../lib/call.ts';
import { useAction } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { AreaField, TextField } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { Status } from '../../ui/status.tsx';
import { useLack } from '../session/lack.ts';

export type SeenSettings = CallOutput<typeof routes.settings.get>;
const COLORS = Settings.shape.clusterColor.options.map((value) => ({ value, text: value }));
const Editable = Settings.omit({ version: true });

const draftOf = (settings: SeenSettings) => ({
  clusterName: settings.clusterName,
  clusterColor: settings.clusterColor as string,
  addressPool: settings.addressPool,
  leaseSeconds: `${settings.leaseSeconds}`,
  agentAddresses: settings.agentAddresses.join('\n'),
  sessionIdleMinutes: `${settings.sessionIdleMinutes}`,
  sessionHours: `${settings.sessionHours}`,
  administratorsNeedCodes: settings.administratorsNeedCodes,
  signInBanner: settings.signInBanner,
  auditKeepMonths: `${settings.auditKeepMonths}`,
});
type Draft = ReturnType<typeof draftOf>;

const read = (draft: Draft) =>
  Editable.safeParse({
    ...draft,
    leaseSeconds: Number(draft.leaseSeconds),
    agentAddresses: draft.agentAddresses
      .split(/\s+/)
      .map((line) => line.trim())
      .filter(Boolean),
    sessionIdleMinutes: Number(draft.sessionIdleMinutes),
    sessionHours: Number(draft.sessionHours),
    auditKeepMonths: Number(draft.auditKeepMonths),
  });

/** What holds for the whole cluster. A change is sent whole, against the version that was read. */
export const SettingsForm = ({ settings }: { settings: SeenSettings }) => {
  const edit = useAction(routes.settings.edit);
  const lack = useLack('settings.edit');
  const [draft, setDraft] = useState(() => draftOf(settings));
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const parsed = read(draft);
  const wrong = (field: keyof Draft) =>
    parsed.error?.issues.find((issue) => issue.path[0] === field)?.message;
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(settings));
  const notYet = changed ? undefined : 'Nothing is changed.';
  return (
    <Form
      style={{ maxWidth: 640 }}
      onSubmit={(event) => {
        event.preventDefault();
        if (parsed.data && changed && !lack) edit.mutate({ body: parsed.data, ifMatch: settings.version });
      }}
    >
      <TextField
        label="Name of the cluster"
        required
        wrong={wrong('clusterName')}
        value={draft.clusterName}
        onChange={(clusterName) => set({ clusterName })}
      />
      <FormGroup label="Its colour, in the head of every page">
        <RangeChips
          label="Colour"
          options={COLORS}
          value={draft.clusterColor}
          onChange={(clusterColor) => set({ clusterColor })}
        />
      </FormGroup>
      <TextField
        label="Address pool of stack networks"
        help="Networks are cut from this IPv4 range. Those that exist keep theirs."
        wrong={wrong('addressPool')}
        value={draft.addressPool}
        onChange={(addressPool) => set({ addressPool })}
      />
      {settings.poolConflicts.map((conflict) => (
        <Status key={conflict} tone="warn" wrap>
          {conflict}
        </Status>
      ))}
      <TextField
        label="Lease, in seconds"
        type="number"
        help="A node that is silent for so long is lost and its tasks run elsewhere. Shorter finds a dead host sooner, and mistakes a slow network for one."
        wrong={wrong('leaseSeconds')}
        value={draft.leaseSeconds}
        onChange={(leaseSeconds) => set({ leaseSeconds })}
      />
      <AreaField
        label="Addresses for agents"
        rows={3}
        placeholder="https://portreeve.example.com:7401"
        help="One per line; agents try them all. Empty: the addresses of the servers themselves."
        wrong={wrong('agentAddresses')}
        value={draft.agentAddresses}
        onChange={(agentAddresses) => set({ agentAddresses })}
      />
      <TextField
        label="A session ends after so many minutes without use"
        type="number"
        wrong={wrong('sessionIdleMinutes')}
        value={draft.sessionIdleMinutes}
        onChange={(sessionIdleMinutes) => set({ sessionIdleMinutes })}
      />
      <TextField
        label="A session ends after so many hours in any case"
        type="number"
        wrong={wrong('sessionHours')}
        value={draft.sessionHours}
        onChange={(sessionHours) => set({ sessionHours })}
      />
      <Checkbox
        id="administrators-need-codes"
        label="Administrators sign in with a code of an authenticator too"
        description="Who has none sets it up at the next sign-in, before anything else opens."
        isChecked={draft.administratorsNeedCodes}
        onChange={(_, administratorsNeedCodes) => set({ administratorsNeedCodes })}
      />
      <TextField
        label="Months of the audit that stay here"
        type="number"
        help="Counted from their end; older ones are written out to archives, and the chain goes on from there. 0 keeps all."
        wrong={wrong('auditKeepMonths')}
        value={draft.auditKeepMonths}
        onChange={(auditKeepMonths) => set({ auditKeepMonths })}
      />
      <AreaField
        label="What the sign-in page says"
        rows={3}
        className=""
        placeholder="For the staff of Example only. What you do here is recorded."
        help="Everybody who comes to the page reads it, signed in or not. Empty: nothing."
        wrong={wrong('signInBanner')}
        value={draft.signInBanner}
        onChange={(signInBanner) => set({ signInBanner })}
      />
      <ProblemNote error={edit.error} />
      <ActionButton
        type="submit"
        variant="primary"
        size="default"
        style={{ justifySelf: 'start' }}
        isLoading={edit.isPending}
        disabledReason={lack ?? notYet ?? parsed.error?.issues[0]?.message}
      >
        Save
      </ActionButton>
    </Form>
  );
};
