'use client';
import { FormGroup } from '@patternfly/react-core';
import type { CallInput, routes } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import { useState } from 'react';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, SelectField, TextField } from '../../ui/fields.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { PermissionBoxes } from '../access/permission-boxes.tsx';
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
] as const;
export type TokenWish = CallInput<typeof routes.session.createToken>['body'];
export type MadeToken = { name: string; token: string };
const isScope = (text: string): text is Scope => text === 'own' || text in SCOPES;

type Props = {
  create: (wish: TokenWish) => Promise<{ token: string }>;
  onMade: (made: MadeToken) => void;
  /** The choice not to narrow it, and what that means. */
  all: { text: string; means: string };
  project?: string;
  disabledReason?: string | undefined;
};

/** A token narrowed to a project, to permissions, and in time. */
export const NewToken = ({ create, onMade, all, project = '/', disabledReason }: Props) => {
  const { permissions: mine } = useMe();
  const [draft, set, reset] = useDraft({ name: '', projectPath: project, days: '90' });
  const [scope, setScope] = useState<Scope>('deploy');
  const [chosen, setChosen] = useState<Permission[]>([]);
  const permissions = scope === 'own' ? chosen : SCOPES[scope];
  const nothing = scope === 'own' && chosen.length === 0 ? 'It may do nothing yet' : undefined;
  const make = async () => {
    const { token } = await create({
      name: draft.name,
      permissions: [...permissions],
      projectPath: draft.projectPath,
      expiresInDays: Number(draft.days),
    });
    onMade({ name: draft.name, token });
  };
  return (
    <Confirm
      label="New token"
      disabledReason={disabledReason}
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
            options={[...SCOPE_OPTIONS, { value: 'all', text: all.text }]}
            value={scope}
            onChange={(value) => isScope(value) && setScope(value)}
          />
        </FormGroup>
        {scope === 'own' ? (
          <div style={{ maxBlockSize: 260, overflowY: 'auto' }}>
            <PermissionBoxes of={mine} chosen={chosen} onChange={setChosen} />
          </div>
        ) : (
          <p className="dim">{permissions.length === 0 ? all.means : permissions.join(', ')}</p>
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
