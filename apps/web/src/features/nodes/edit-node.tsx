'use client';
import { type NodeView, routes } from '@portreeve/contract';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { AreaField, Fields, TextField } from '../../ui/fields.tsx';
import { ProjectField } from '../projects/project-field.tsx';
import { readLabels, writeLabels } from './labels.ts';

type Draft = { name: string; labels: string; projectPath: string };
const draftOf = (node: NodeView): Draft => ({
  name: node.name,
  labels: writeLabels(node.labels),
  projectPath: node.projectPath,
});

/** Name, labels and project of a node. */
export const EditNode = ({ node }: { node: NodeView }) => {
  const edit = useAction(routes.nodes.edit);
  const [changed, setChanged] = useState<Draft | null>(null);
  const draft = changed ?? draftOf(node);
  const { labels, wrong } = readLabels(draft.labels);
  const set = (part: Partial<Draft>) => setChanged({ ...draft, ...part });
  return (
    <Confirm
      label="Edit"
      title={`Edit ${node.name}`}
      disabledReason={missing(node.may, 'node.edit', `in ${node.projectPath}`)}
      notYet={wrong ?? (draft.name === '' ? 'A node needs a name' : undefined)}
      run={() =>
        edit.mutateAsync({
          params: { id: node.id },
          body: { name: draft.name, labels, projectPath: draft.projectPath },
          ifMatch: node.version,
        })
      }
      onDone={() => setChanged(null)}
    >
      <Fields>
        <TextField label="Name" required value={draft.name} onChange={(name) => set({ name })} />
        <AreaField
          label="Labels"
          help="key=value, one per line. Placement constraints read them; zone is the failure domain tasks are spread over."
          wrong={wrong}
          value={draft.labels}
          onChange={(text) => set({ labels: text })}
        />
        <ProjectField
          help="It takes tasks of this project and those below. Tasks of others that run here stay until they are placed again."
          value={draft.projectPath}
          onChange={(projectPath) => set({ projectPath })}
        />
      </Fields>
    </Confirm>
  );
};
