'use client';
import { AccountName, routes, type ServiceAccountView } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, TextField } from '../../ui/fields.tsx';
import { useProject } from '../projects/project.ts';
import { ProjectField } from '../projects/project-field.tsx';
import { useLack } from '../session/lack.ts';

type Of = { account: ServiceAccountView };
const useMayNot = () => useLack('service-account.edit');

export const NewServiceAccount = () => {
  const here = useProject();
  const create = useAction(routes.serviceAccounts.create);
  const router = useRouter();
  const [draft, set] = useDraft({ name: '', displayName: '', project: here });
  const wrong = draft.name === '' ? undefined : AccountName.safeParse(draft.name).error?.issues[0]?.message;
  const make = async () => {
    const { name, displayName, project } = draft;
    const { id } = await create.mutateAsync({ query: { project }, body: { name, displayName } });
    router.push(paths.serviceAccount(id));
  };
  return (
    <Confirm
      label="New service account"
      variant="primary"
      disabledReason={useMayNot()}
      notYet={draft.name === '' ? 'It needs a name' : wrong}
      run={make}
    >
      <Fields>
        <TextField
          label="Name"
          required
          placeholder="ci-shop"
          wrong={wrong}
          value={draft.name}
          onChange={(name) => set({ name })}
        />
        <TextField
          label="What it is for"
          value={draft.displayName}
          onChange={(displayName) => set({ displayName })}
        />
        <ProjectField
          help="It belongs to this project: whoever administers it administers the account."
          value={draft.project}
          onChange={(project) => set({ project })}
        />
        <p className="dim">It may nothing before it is granted a role, and signs in by tokens alone.</p>
      </Fields>
    </Confirm>
  );
};

export const EditServiceAccount = ({ account }: Of) => {
  const edit = useAction(routes.serviceAccounts.edit);
  const [displayName, setDisplayName] = useState(account.displayName);
  return (
    <Confirm
      label="Edit"
      title={`Edit ${account.name}`}
      disabledReason={useMayNot()}
      run={() =>
        edit.mutateAsync({ params: { id: account.id }, body: { displayName }, ifMatch: account.version })
      }
    >
      <TextField label="What it is for" value={displayName} onChange={setDisplayName} />
    </Confirm>
  );
};

export const DisableServiceAccount = ({ account }: Of) => {
  const disable = useAction(routes.serviceAccounts.disable);
  const [why, setWhy] = useState('');
  return (
    <Confirm
      label="Disable"
      title={`Disable ${account.name}`}
      danger
      disabledReason={useMayNot()}
      run={() => disable.mutateAsync({ params: { id: account.id }, body: { why } })}
    >
      <Fields>
        <p>Its {account.tokens} tokens end at once, and for good. Its grants stay.</p>
        <TextField label="Why" value={why} onChange={setWhy} />
      </Fields>
    </Confirm>
  );
};

export const EnableServiceAccount = ({ account }: Of) => {
  const enable = useAction(routes.serviceAccounts.enable);
  return (
    <Confirm
      label="Enable"
      title={`Enable ${account.name}`}
      disabledReason={useMayNot()}
      run={() => enable.mutateAsync({ params: { id: account.id } })}
    >
      Its grants count again. It needs new tokens.
    </Confirm>
  );
};
