'use client';
import { Checkbox, FormGroup } from '@patternfly/react-core';
import { routes } from '@portreeve/contract';
import { PERMISSIONS, type Permission } from '@portreeve/domain';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, SelectField, TextField } from '../../ui/fields.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { ProjectField } from '../projects/project-field.tsx';
import { useMe } from '../session/signed-in.tsx';

const LIVES = [
  { value: '1', text: '1 day' },
  { value: '7', text: '7 days' },
  { value: '30', text: '30 days' },
  { value: '90', text: '90 days' },
  { value: '366', text: '1 year' },
];
/** What most tokens are for; anything else is chosen one by one. */
const SCOPES = {
  read: ['project.read', 'stack.read', 'service.logs', 'node.read', 'activity.read', 'alert.read'],
  deploy: ['project.read', 'stack.read', 'service.deploy', 'service.scale', 'service.logs'],
  all: [],
} as const satisfies Record<string, readonly Permission[]>;
type Scope = keyof typeof SCOPES | 'own';
const SCOPE_OPTIONS = [
  { value: 'read', text: 'Look' },
  { value: 'deploy', text: 'Deploy' },
  { value: 'own', text: 'Choose …' },
  { value: 'all', text: 'All that I may' },
] as const;
const isScope = (text: string): text is Scope => text === 'own' || text in SCOPES;

type Chosen = { chosen: readonly Permission[]; onChange: (chosen: Permission[]) => void };
const PermissionBoxes = ({ chosen, onChange }: Chosen) => {
  const { permissions } = useMe();
  return (
    <div style={{ maxBlockSize: 220, overflowY: 'auto', display: 'grid', gap: 2 }}>
      {permissions.map((permission) => (
        <Checkbox
          key={permission}
          id={`may-${permission}`}
          label={
            <>
              <span className="mono">{permission}</span>{' '}
              <span className="dim">{PERMISSIONS[permission].toLowerCase()}</span>
            </>
          }
          isChecked={chosen.includes(permission)}
          onChange={(_, on) =>
            onChange(on ? [...chosen, permission] : chosen.filter((each) => each !== permission))
          }
        />
      ))}
    </div>
  );
};

const EMPTY = { name: '', projectPath: '/', days: '90' };

/** A token narrowed to a project, to permissions, and in time. */
export const NewToken = ({ onMade }: { onMade: (made: { name: string; token: string }) => void }) => {
  const create = useAction(routes.session.createToken);
  const [draft, set, reset] = useDraft(EMPTY);
  const [scope, setScope] = useState<Scope>('deploy');
  const [chosen, setChosen] = useState<Permission[]>([]);
  const permissions = scope === 'own' ? chosen : SCOPES[scope];
  const nothing = scope === 'own' && chosen.length === 0 ? 'It may do nothing yet' : undefined;
  const make = async () => {
    const { token } = await create.mutateAsync({
      body: {
        name: draft.name,
        permissions: [...permissions],
        projectPath: draft.projectPath,
        expiresInDays: Number(draft.days),
      },
    });
    onMade({ name: draft.name, token });
  };
  return (
    <Confirm
      label="New token"
      notYet={draft.name === '' ? 'It needs a name' : nothing}
      run={make}
      onDone={reset}
    >
      <Fields>
        <TextField
          label="Name"
          required
          placeholder="ci of shop"
          help="So that you know later what stops when you revoke it."
          value={draft.name}
          onChange={(name) => set({ name })}
        />
        <ProjectField
          label="Only in project"
          help="And those below."
          value={draft.projectPath}
          onChange={(projectPath) => set({ projectPath })}
        />
        <FormGroup label="It may">
          <RangeChips
            label="Scope"
            options={SCOPE_OPTIONS}
            value={scope}
            onChange={(value) => isScope(value) && setScope(value)}
          />
        </FormGroup>
        {scope === 'own' ? (
          <PermissionBoxes chosen={chosen} onChange={setChosen} />
        ) : (
          <p className="dim">
            {permissions.length === 0 ? 'Everything you may, now and later.' : permissions.join(', ')}
          </p>
        )}
        <SelectField
          label="It ends after"
          options={LIVES}
          value={draft.days}
          onChange={(days) => set({ days })}
        />
      </Fields>
    </Confirm>
  );
};
