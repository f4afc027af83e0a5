'use client';
import { routes } from '@portreeve/contract';
import { Name } from '@portreeve/domain';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { AreaField, Fields, TextField } from '../../ui/fields.tsx';
import { useProject } from '../projects/project.ts';
import { ProjectField } from '../projects/project-field.tsx';
import { useLack } from '../session/lack.ts';

type Props = { nodeId: string; composeProject: string; containers: number };
const ENTRY = 'compose.yaml';

/** Makes a stack of a Compose project that runs on this host, container by container, where they are. */
export const TakeOver = ({ nodeId, composeProject, containers }: Props) => {
  const here = useProject();
  const router = useRouter();
  const takeOver = useAction(routes.nodes.takeOver);
  const [project, setProject] = useState(here);
  const [stackName, setStackName] = useState(composeProject);
  const [file, setFile] = useState('');
  const wrong = Name.safeParse(stackName).success ? undefined : 'Lower-case letters, digits, - and _.';
  const run = async () => {
    const { stackId } = await takeOver.mutateAsync({
      params: { id: nodeId },
      query: { project },
      body: { composeProject, stackName, application: { files: { [ENTRY]: file }, entry: ENTRY } },
    });
    router.push(paths.stack(stackId));
  };
  return (
    <Confirm
      label={`Take over ${composeProject}`}
      disabledReason={useLack('service.deploy')}
      notYet={wrong ?? (file.trim() === '' ? 'It needs its Compose file' : undefined)}
      run={run}
    >
      <Fields>
        <p>
          A rollout replaces its {containers} {containers === 1 ? 'container' : 'containers'} one by one on
          this host. Its volumes and what is in them are kept.
        </p>
        <TextField
          label="Name of the stack"
          required
          wrong={wrong}
          value={stackName}
          onChange={setStackName}
        />
        <ProjectField value={project} onChange={setProject} />
        <AreaField
          label="Its Compose file"
          rows={10}
          help="As it was started with, its variables filled in."
          value={file}
          onChange={setFile}
        />
      </Fields>
    </Confirm>
  );
};
