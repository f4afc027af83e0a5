'use client';
import { type RoleView, routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Fields, TextField } from '../../ui/fields.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { PermissionBoxes } from '../access/permission-boxes.tsx';
import { EVERY } from '../access/permission-groups.ts';
import { useLack } from '../session/lack.ts';
import { AffectedPanel } from './affected.tsx';

const sameSet = (one: readonly string[], other: readonly string[]) =>
  [...one].sort().join() === [...other].sort().join();

/** Changes a role of one's own: what it means for everybody who holds it is shown before it is saved. */
export const EditRole = ({ role }: { role: RoleView }) => {
  const router = useRouter();
  const preview = useAction(routes.roles.preview);
  const edit = useAction(routes.roles.edit);
  const lack = useLack('role.edit');
  const [name, setName] = useState(role.name);
  const [description, setDescription] = useState(role.description);
  const [chosen, setChosen] = useState([...role.permissions]);
  const changed = !sameSet(chosen, role.permissions);
  // An answer counts for what was asked: one more box changes whom it is about.
  const seen = sameSet(preview.variables?.body.permissions ?? [], chosen) ? preview.data : undefined;
  const look = () => preview.mutate({ params: { id: role.id }, body: { permissions: chosen } });
  const save = () =>
    edit.mutate(
      { params: { id: role.id }, body: { name, description, permissions: chosen }, ifMatch: role.version },
      { onSuccess: () => router.push(paths.role(role.id)) },
    );
  const notYet = () => {
    if (name === '') return 'It needs a name.';
    if (changed && !seen) return 'Look first who is affected.';
    if (seen?.refusal) return seen.refusal;
    return changed || name !== role.name || description !== role.description
      ? undefined
      : 'Nothing is changed.';
  };
  return (
    <Panels>
      <Panel title="Name and permissions" aside={`${chosen.length} of ${EVERY.length}`}>
        <div style={{ maxWidth: 560 }}>
          <Fields>
            <TextField label="Name" required value={name} onChange={setName} />
            <TextField label="What it is for" value={description} onChange={setDescription} />
          </Fields>
        </div>
        <PermissionBoxes of={EVERY} chosen={chosen} onChange={setChosen} />
      </Panel>
      {seen && <AffectedPanel preview={seen} />}
      <div>
        <ProblemNote error={preview.error ?? edit.error} />
        <div style={{ display: 'flex', gap: 8 }}>
          <ActionButton
            isLoading={preview.isPending}
            disabledReason={changed ? undefined : 'No permission is changed.'}
            onClick={look}
          >
            Who is affected?
          </ActionButton>
          <ActionButton
            variant="primary"
            isLoading={edit.isPending}
            disabledReason={lack ?? notYet()}
            onClick={save}
          >
            Save
          </ActionButton>
        </div>
      </div>
    </Panels>
  );
};
