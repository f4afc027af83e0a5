'use client';
import { Checkbox } from '@patternfly/react-core';
import { type RegistryView, routes } from '@portreeve/contract';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { AreaField, Fields, TextField } from '../../ui/fields.tsx';
import { PrivateAddressField } from '../../ui/private-address-field.tsx';
import { useProject } from '../projects/project.ts';
import { ProjectField } from '../projects/project-field.tsx';
import { useLack } from '../session/lack.ts';

type Draft = {
  host: string;
  username: string;
  password: string;
  caPem: string;
  plainHttp: boolean;
  allowPrivateAddress: boolean;
};
const EMPTY: Draft = {
  host: '',
  username: '',
  password: '',
  caPem: '',
  plainHttp: false,
  allowPrivateAddress: false,
};
const draftOf = (registry: RegistryView): Draft => ({
  host: registry.host,
  username: registry.username ?? '',
  password: '',
  caPem: '',
  plainHttp: registry.plainHttp,
  allowPrivateAddress: registry.allowPrivateAddress,
});
/** What is empty is not sent: a password that is not typed again stays. */
const bodyOf = ({ username, password, caPem, plainHttp, allowPrivateAddress }: Draft) => ({
  ...(username && { username }),
  ...(password && { password }),
  ...(caPem && { caPem }),
  plainHttp,
  allowPrivateAddress,
});

type FieldsProps = { draft: Draft; set: (part: Partial<Draft>) => void; kept?: RegistryView };
const RegistryFields = ({ draft, set, kept }: FieldsProps) => (
  <>
    <TextField
      label="User"
      help="Empty: asked without signing in."
      value={draft.username}
      onChange={(username) => set({ username })}
    />
    <TextField
      label="Password or token"
      type="password"
      autoComplete="new-password"
      help={
        kept?.hasPassword
          ? 'Empty: the present one stays, as long as the user is the same.'
          : 'Kept encrypted, never shown again.'
      }
      value={draft.password}
      onChange={(password) => set({ password })}
    />
    <AreaField
      label="Its own CA, PEM"
      rows={3}
      placeholder="-----BEGIN CERTIFICATE-----"
      help={
        kept?.hasCa
          ? 'It has one. Empty: it stays.'
          : 'Only where its certificate is from no public CA. The agents give it to their engines.'
      }
      value={draft.caPem}
      onChange={(caPem) => set({ caPem })}
    />
    <Checkbox
      id="plain-http"
      label="Speak plain HTTP"
      description="Anybody on the way can read and change what is pulled."
      isChecked={draft.plainHttp}
      onChange={(_, plainHttp) => set({ plainHttp })}
    />
    <PrivateAddressField
      id="private-address"
      value={draft.allowPrivateAddress}
      onChange={(allowPrivateAddress) => set({ allowPrivateAddress })}
    />
  </>
);

export const NewRegistry = () => {
  const here = useProject();
  const create = useAction(routes.registries.create);
  const [project, setProject] = useState(here);
  const [draft, set, reset] = useDraft(EMPTY);
  return (
    <Confirm
      label="Add registry"
      variant="primary"
      disabledReason={useLack('registry.edit')}
      notYet={draft.host === '' ? 'It needs a host' : undefined}
      run={() => create.mutateAsync({ query: { project }, body: { host: draft.host, ...bodyOf(draft) } })}
      onDone={reset}
    >
      <Fields>
        <TextField
          label="Host"
          required
          placeholder="registry.example.com:5000"
          help="As it stands in front of the image's name."
          value={draft.host}
          onChange={(host) => set({ host })}
        />
        <ProjectField
          help="Used for images of stacks in this project and those below. The nearest project's settings win."
          value={project}
          onChange={setProject}
        />
        <RegistryFields draft={draft} set={set} />
      </Fields>
    </Confirm>
  );
};

export const EditRegistry = ({ registry }: { registry: RegistryView }) => {
  const edit = useAction(routes.registries.edit);
  const [changed, setChanged] = useState<Draft | null>(null);
  const draft = changed ?? draftOf(registry);
  return (
    <Confirm
      label="Edit"
      title={`Edit ${registry.host}`}
      disabledReason={useLack('registry.edit')}
      run={() =>
        edit.mutateAsync({ params: { id: registry.id }, body: bodyOf(draft), ifMatch: registry.version })
      }
      onDone={() => setChanged(null)}
    >
      <Fields>
        <RegistryFields draft={draft} set={(part) => setChanged({ ...draft, ...part })} kept={registry} />
      </Fields>
    </Confirm>
  );
};

export const RemoveRegistry = ({ registry }: { registry: RegistryView }) => {
  const remove = useAction(routes.registries.remove);
  return (
    <Confirm
      label="Remove"
      title={`Remove ${registry.host}`}
      danger
      disabledReason={useLack('registry.edit')}
      run={() => remove.mutateAsync({ params: { id: registry.id } })}
    >
      What runs goes on. New deploys of {registry.projectPath} ask {registry.host} without signing in, and
      images that need it are refused.
    </Confirm>
  );
};
