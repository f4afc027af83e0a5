'use client';
import { Checkbox, FormGroup } from '@patternfly/react-core';
import { Fields, TextField } from '../../ui/fields.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { type Draft, newGroups, newSearch, wrongAt } from './draft.ts';
import type { Part } from './set-up-fields.tsx';

type Search = Draft['users'][number];
const MOST = 8;
const SCOPES = [
  { value: 'subtree', text: 'everything below' },
  { value: 'one', text: 'directly below' },
];

type FieldsProps = Part & { index: number };
const SearchFields = ({ draft, set, parsed, index }: FieldsProps) => {
  const search = draft.users[index];
  if (!search) return null;
  const change = (part: Partial<Search>) =>
    set({ users: draft.users.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  const wrong = (key: keyof Search) =>
    search[key] === '' ? undefined : wrongAt(parsed, 'users', index, key);
  const text = (key: keyof Search, label: string, help?: string, placeholder?: string) => (
    <TextField
      label={label}
      help={help}
      placeholder={placeholder}
      wrong={wrong(key)}
      value={search[key]}
      onChange={(value) => change({ [key]: value })}
    />
  );
  return (
    <Fields>
      {text('base', 'Below', undefined, 'ou=people,dc=example,dc=com')}
      <FormGroup label="How deep">
        <RangeChips
          label={`How deep ${index + 1}`}
          options={SCOPES}
          value={search.scope}
          onChange={(scope) => change({ scope: scope as Search['scope'] })}
        />
      </FormGroup>
      {text('filter', 'Filter', 'Whom it takes at all; the name that is typed is added to it.')}
      {text('usernameAttribute', 'Attribute of the name they sign in with')}
      {text('nameAttribute', 'Attribute of the name shown')}
      {text('mailAttribute', 'Attribute of the e-mail address')}
    </Fields>
  );
};

/** Where people are found: one place, or several in their order. */
export const PeopleSearches = (part: Part) => {
  const { draft, set } = part;
  return (
    <>
      {draft.users.map((_, index) => (
        <Panel
          // biome-ignore lint/suspicious/noArrayIndexKey: a search has no name but its place
          key={index}
          title={draft.users.length === 1 ? 'People' : `People, search ${index + 1}`}
          aside={
            draft.users.length > 1 && (
              <button
                type="button"
                className="quiet"
                onClick={() => set({ users: draft.users.filter((__, at) => at !== index) })}
              >
                remove
              </button>
            )
          }
        >
          <SearchFields {...part} index={index} />
        </Panel>
      ))}
      {draft.users.length < MOST && (
        <button
          type="button"
          className="quiet"
          onClick={() => set({ users: [...draft.users, newSearch(draft.kind)] })}
        >
          Search in another place too
        </button>
      )}
    </>
  );
};

const MEMBERS = [
  { value: 'dn', text: 'the whole DN (member)' },
  { value: 'username', text: 'the user name (memberUid)' },
];

/** Where groups are, for teams that are filled by them. */
export const GroupFields = ({ draft, set, parsed }: Part) => {
  const { groups } = draft;
  type Groups = NonNullable<typeof groups>;
  const change = (part: Partial<Groups>) => groups && set({ groups: { ...groups, ...part } });
  const text = (key: keyof Groups, label: string, placeholder?: string) =>
    groups && (
      <TextField
        label={label}
        placeholder={placeholder}
        wrong={groups[key] === '' ? undefined : wrongAt(parsed, 'groups', key)}
        value={groups[key]}
        onChange={(value) => change({ [key]: value })}
      />
    );
  return (
    <Panel title="Groups">
      <Fields>
        <Checkbox
          id="has-groups"
          label="Its groups may fill teams"
          description="Which group fills which team is said on the page of the team."
          isChecked={groups !== null}
          onChange={(_, on) => set({ groups: on ? newGroups(draft.kind) : null })}
        />
        {groups && (
          <>
            {text('base', 'Below', 'ou=groups,dc=example,dc=com')}
            {text('filter', 'Filter')}
            {text('nameAttribute', 'Attribute of its name')}
            {text('memberAttribute', 'Attribute of its members')}
            <FormGroup label="A member is written as">
              <RangeChips
                label="A member is written as"
                options={MEMBERS}
                value={groups.memberIs}
                onChange={(memberIs) => change({ memberIs: memberIs as Groups['memberIs'] })}
              />
            </FormGroup>
          </>
        )}
      </Fields>
    </Panel>
  );
};
