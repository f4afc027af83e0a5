'use client';
import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { type ProjectView, routes } from '@portreeve/contract';
import { ProjectPath } from '@portreeve/domain';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useMay } from '../session/signed-in.tsx';
import { useProject } from './project.ts';

const useLack = () =>
  useMay('project.edit') ? undefined : missing({ 'project.edit': false }, 'project.edit');

type PortsProps = { from: string; to: string; onChange: (ports: { from: string; to: string }) => void };
const Ports = ({ from, to, onChange }: PortsProps) => (
  <FormGroup label="Host ports that its services may publish" fieldId="port-from" style={{ marginTop: 10 }}>
    <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center' }}>
      <TextInput
        id="port-from"
        type="number"
        aria-label="From port"
        value={from}
        onChange={(_, value) => onChange({ from: value, to })}
      />
      to
      <TextInput
        id="port-to"
        type="number"
        aria-label="To port"
        value={to}
        onChange={(_, value) => onChange({ from, to: value })}
      />
    </span>
  </FormGroup>
);
const numbers = ({ from, to }: { from: string; to: string }) => ({
  portFrom: from === '' ? undefined : Number(from),
  portTo: to === '' ? undefined : Number(to),
});

export const NewProject = () => {
  const parent = useProject();
  const create = useAction(routes.projects.create);
  const [path, setPath] = useState(parent === '/' ? '/' : `${parent}/`);
  const [displayName, setDisplayName] = useState('');
  const [ports, setPorts] = useState({ from: '', to: '' });
  const valid = ProjectPath.safeParse(path).success && path !== '/';
  return (
    <Confirm
      label="New project"
      variant="primary"
      disabledReason={useLack()}
      notYet={valid ? undefined : 'a path such as /shop/prod'}
      run={() => create.mutateAsync({ body: { path, displayName, ...numbers(ports) } })}
    >
      <FormGroup label="Path" fieldId="path" isRequired>
        <TextInput
          id="path"
          value={path}
          validated={valid || path.endsWith('/') ? 'default' : 'error'}
          onChange={(_, value) => setPath(value)}
        />
        <FormHelperText>
          <HelperText>
            <HelperTextItem>
              Such as /shop/prod. Its parent must exist; rights of the parent hold in it too.
            </HelperTextItem>
          </HelperText>
        </FormHelperText>
      </FormGroup>
      <FormGroup label="What it is" fieldId="display-name" style={{ marginTop: 10 }}>
        <TextInput id="display-name" value={displayName} onChange={(_, value) => setDisplayName(value)} />
      </FormGroup>
      <Ports {...ports} onChange={setPorts} />
    </Confirm>
  );
};

export const EditProject = ({ project }: { project: ProjectView }) => {
  const edit = useAction(routes.projects.edit);
  const [displayName, setDisplayName] = useState(project.displayName);
  const [ports, setPorts] = useState({ from: `${project.portFrom}`, to: `${project.portTo}` });
  return (
    <Confirm
      label="Edit"
      title={`Edit ${project.path}`}
      disabledReason={useLack()}
      run={() =>
        edit.mutateAsync({
          params: { id: project.id },
          body: { displayName, ...numbers(ports) },
          ifMatch: project.version,
        })
      }
    >
      <FormGroup label="What it is" fieldId="display-name">
        <TextInput id="display-name" value={displayName} onChange={(_, value) => setDisplayName(value)} />
      </FormGroup>
      <Ports {...ports} onChange={setPorts} />
      <p className="dim" style={{ marginTop: 8 }}>
        Ports already published stay; the range is asked at the next placement.
      </p>
    </Confirm>
  );
};

export const RemoveProject = ({ project }: { project: ProjectView }) => {
  const remove = useAction(routes.projects.remove);
  const full = project.stacks > 0 || project.nodes > 0;
  return (
    <Confirm
      label="Remove"
      danger
      disabledReason={
        useLack() ??
        (full ? `It still holds ${project.stacks} stacks and ${project.nodes} nodes.` : undefined)
      }
      run={() => remove.mutateAsync({ params: { id: project.id } })}
    >
      Removes {project.path}, which is empty. Its configs, secrets and registries go with it.
    </Confirm>
  );
};
