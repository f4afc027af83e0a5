'use client';
import { Checkbox, FormGroup } from '@patternfly/react-core';
import { routes, type TeamRuleWish, type TeamView } from '@portreeve/contract';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, SelectField, SuggestField, TextField } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { useLack } from '../session/lack.ts';

const KINDS = [
  { value: 'group', text: 'Members of a group' },
  { value: 'search', text: 'Whom a search finds' },
];
const EMPTY = {
  directory: '',
  kind: 'group',
  dn: '',
  nested: true,
  base: '',
  filter: '(objectClass=person)',
};
type Draft = typeof EMPTY;
type Part = { draft: Draft; set: (part: Partial<Draft>) => void };

const wishOf = ({ kind, dn, nested, base, filter }: Draft): TeamRuleWish =>
  kind === 'group' ? { kind: 'group', dn, nested } : { kind: 'search', base, scope: 'subtree', filter };
const isComplete = ({ kind, dn, base, filter }: Draft) =>
  kind === 'group' ? dn !== '' : base !== '' && filter.length > 2;

/** Groups are looked for in the directory itself, by a part of their name; a whole DN is taken as it is. */
const Group = ({ draft, set }: Part) => {
  const isDn = draft.dn.includes('=');
  const groups = useWatch(
    routes.directories.groups,
    { params: { id: draft.directory }, query: { name: isDn ? '' : draft.dn } },
    { enabled: draft.directory !== '' },
  );
  return (
    <>
      <SuggestField
        label="Group"
        required
        help="Type a part of its name and choose it, or give its DN."
        options={(groups.data?.groups ?? []).map(({ dn, name }) => ({ value: dn, text: name }))}
        value={draft.dn}
        onChange={(dn) => set({ dn })}
      />
      <ProblemNote error={groups.error} />
      <Checkbox
        id="rule-nested"
        label="Members of groups in it too"
        isChecked={draft.nested}
        onChange={(_, nested) => set({ nested })}
      />
    </>
  );
};

const Search = ({ draft, set }: Part) => (
  <>
    <TextField
      label="Below"
      required
      placeholder="ou=people,dc=example,dc=com"
      value={draft.base}
      onChange={(base) => set({ base })}
    />
    <TextField label="Filter" required value={draft.filter} onChange={(filter) => set({ filter })} />
  </>
);

/** Lets a directory fill the team. */
export const NewRule = ({ team }: { team: TeamView }) => {
  const create = useAction(routes.directories.createRule);
  const lack = useLack('team.edit');
  const directories = useWatch(routes.directories.list, { query: {} }, { enabled: lack === undefined });
  const [draft, set, reset] = useDraft(EMPTY);
  const all = directories.data?.items ?? [];
  const directoryId = draft.directory || all[0]?.id || '';
  const whole = { ...draft, directory: directoryId };
  const none = directories.data && all.length === 0 ? 'Set up a directory in the settings first.' : undefined;
  return (
    <Confirm
      label="Add rule"
      title={`Let a directory fill ${team.name}`}
      disabledReason={lack ?? none}
      notYet={directoryId !== '' && isComplete(draft) ? undefined : 'Say whom it takes in.'}
      run={() => create.mutateAsync({ params: { id: team.id }, body: { directoryId, wish: wishOf(draft) } })}
      onDone={reset}
    >
      <Fields>
        <SelectField
          label="Directory"
          options={all.map(({ id, name }) => ({ value: id, text: name }))}
          value={directoryId}
          onChange={(directory) => set({ directory })}
        />
        <FormGroup label="It takes in">
          <RangeChips
            label="It takes in"
            options={KINDS}
            value={draft.kind}
            onChange={(kind) => set({ kind })}
          />
        </FormGroup>
        {draft.kind === 'group' ? <Group draft={whole} set={set} /> : <Search draft={whole} set={set} />}
      </Fields>
    </Confirm>
  );
};
