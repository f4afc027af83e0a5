'use client';
import { Button, Form } from '@patternfly/react-core';
import { routes } from '@portreeve/contract';
import { useAction } from '../../live/queries.ts';
import { useDraft } from '../../ui/draft.ts';
import { AreaField, SelectField, TextField } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { useProject } from '../projects/project.ts';
import { ProjectField } from '../projects/project-field.tsx';
import type { MadeToken } from './invitation.ts';
import { readLabels } from './labels.ts';

const LIVES = [
  { value: '15', text: '15 minutes' },
  { value: '60', text: '1 hour' },
  { value: '480', text: '8 hours' },
  { value: '1440', text: '1 day' },
];
const MOST_USES = 100;

type Props = { nodeId: string | undefined; onMade: (made: MadeToken) => void };

/** What a join token allows: where, with which labels, how often and for how long. */
export const JoinForm = ({ nodeId, onMade }: Props) => {
  const project = useProject();
  const create = useAction(routes.nodes.createToken);
  const [draft, set] = useDraft({
    description: '',
    projectPath: project,
    labels: '',
    uses: '1',
    minutes: '60',
    address: '',
  });
  const { labels, wrong } = readLabels(draft.labels);
  const uses = Number(draft.uses);
  const usesWrong =
    Number.isInteger(uses) && uses >= 1 && uses <= MOST_USES ? undefined : `From 1 to ${MOST_USES}.`;
  const make = () =>
    create.mutate(
      {
        body: {
          description: draft.description,
          minutes: Number(draft.minutes),
          ...(draft.address === '' ? {} : { address: draft.address }),
          ...(nodeId ? { nodeId } : { projectPath: draft.projectPath, labels, uses }),
        },
      },
      { onSuccess: onMade },
    );
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        make();
      }}
    >
      {nodeId ? (
        <p className="dim">
          For a host that lost its key or whose certificate has expired. It keeps its id, labels and volumes;
          its old certificate no longer counts once it has joined.
        </p>
      ) : (
        <>
          <ProjectField
            help="It takes tasks of this project and those below."
            value={draft.projectPath}
            onChange={(projectPath) => set({ projectPath })}
          />
          <AreaField
            label="Labels"
            rows={2}
            placeholder="zone=r1"
            help="key=value, one per line. zone is the failure domain tasks are spread over."
            wrong={wrong}
            value={draft.labels}
            onChange={(text) => set({ labels: text })}
          />
          <TextField
            label="For how many hosts"
            type="number"
            wrong={usesWrong}
            value={draft.uses}
            onChange={(text) => set({ uses: text })}
          />
        </>
      )}
      <SelectField
        label="The command works for"
        options={LIVES}
        value={draft.minutes}
        onChange={(minutes) => set({ minutes })}
      />
      <TextField
        label="Address of this server, as the host reaches it"
        placeholder="the usual one"
        help="Only where the host needs another one than the settings name."
        value={draft.address}
        onChange={(address) => set({ address })}
      />
      <TextField
        label="What it is for"
        placeholder="rack 2"
        value={draft.description}
        onChange={(description) => set({ description })}
      />
      <ProblemNote error={create.error} />
      <Button
        type="submit"
        isLoading={create.isPending}
        isDisabled={create.isPending || wrong !== undefined || usesWrong !== undefined}
        style={{ justifySelf: 'start' }}
      >
        Make the command
      </Button>
    </Form>
  );
};
