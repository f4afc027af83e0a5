'use client';
import { type RoleView, routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, SelectField, TextField } from '../../ui/fields.tsx';
import { useLack } from '../session/lack.ts';

/** Built-in roles cannot be changed: one begins with a copy, or with nothing. */
export const NewRole = ({ copyOf }: { copyOf?: RoleView }) => {
  const create = useAction(routes.roles.create);
  const router = useRouter();
  const lack = useLack('role.edit');
  const roles = useWatch(routes.roles.list, { query: { limit: 200 } }, { enabled: lack === undefined });
  const [draft, set, reset] = useDraft({
    name: copyOf ? `${copyOf.name}, ours` : '',
    description: copyOf?.description ?? '',
    copyOf: copyOf?.id ?? '',
  });
  const make = async () => {
    const { name, description } = draft;
    const from = draft.copyOf === '' ? { permissions: [] } : { copyOf: draft.copyOf };
    const role = await create.mutateAsync({ body: { name, description, ...from } });
    router.push(paths.role(role.id, 'edit'));
  };
  return (
    <Confirm
      label={copyOf ? 'Copy' : 'New role'}
      title={copyOf ? `Copy ${copyOf.name}` : 'New role'}
      variant={copyOf ? 'secondary' : 'primary'}
      disabledReason={lack}
      notYet={draft.name === '' ? 'It needs a name' : undefined}
      run={make}
      onDone={reset}
    >
      <Fields>
        <TextField label="Name" required value={draft.name} onChange={(name) => set({ name })} />
        <TextField
          label="What it is for"
          value={draft.description}
          onChange={(description) => set({ description })}
        />
        {!copyOf && (
          <SelectField
            label="It begins with the permissions of"
            options={[
              { value: '', text: 'none' },
              ...(roles.data?.items ?? []).map(({ id, name }) => ({ value: id, text: name })),
            ]}
            value={draft.copyOf}
            onChange={(id) => set({ copyOf: id })}
          />
        )}
        <p className="dim">What it may is chosen on its own page, before it is granted to anybody.</p>
      </Fields>
    </Confirm>
  );
};

export const RemoveRole = ({ role }: { role: RoleView }) => {
  const remove = useAction(routes.roles.remove);
  const router = useRouter();
  const lack = useLack('role.edit');
  const held = role.grants > 0 ? `It is granted ${role.grants} times; end those grants first.` : undefined;
  return (
    <Confirm
      label="Remove"
      title={`Remove ${role.name}`}
      danger
      disabledReason={lack ?? held}
      run={() => remove.mutateAsync({ params: { id: role.id }, ifMatch: role.version })}
      onDone={() => router.push(paths.roles())}
    >
      It is granted to nobody; nobody loses anything.
    </Confirm>
  );
};
