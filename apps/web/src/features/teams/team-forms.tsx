'use client';
import { routes, type TeamView } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, TextField } from '../../ui/fields.tsx';
import { useLack } from '../session/lack.ts';

type Draft = { name: string; description: string };
const EMPTY: Draft = { name: '', description: '' };

const TeamFields = ({ draft, set }: { draft: Draft; set: (part: Partial<Draft>) => void }) => (
  <Fields>
    <TextField
      label="Name"
      required
      placeholder="storefront-oncall"
      value={draft.name}
      onChange={(name) => set({ name })}
    />
    <TextField
      label="What it is"
      value={draft.description}
      onChange={(description) => set({ description })}
    />
  </Fields>
);

export const NewTeam = () => {
  const create = useAction(routes.teams.create);
  const router = useRouter();
  const [draft, set] = useDraft(EMPTY);
  return (
    <Confirm
      label="New team"
      variant="primary"
      disabledReason={useLack('team.edit')}
      notYet={draft.name === '' ? 'It needs a name' : undefined}
      run={async () => router.push(paths.team((await create.mutateAsync({ body: draft })).id))}
    >
      <TeamFields draft={draft} set={set} />
    </Confirm>
  );
};

export const EditTeam = ({ team }: { team: TeamView }) => {
  const edit = useAction(routes.teams.edit);
  const [changed, setChanged] = useState<Draft | null>(null);
  const draft = changed ?? { name: team.name, description: team.description };
  return (
    <Confirm
      label="Edit"
      title={`Edit ${team.name}`}
      disabledReason={useLack('team.edit')}
      notYet={draft.name === '' ? 'It needs a name' : undefined}
      run={() => edit.mutateAsync({ params: { id: team.id }, body: draft, ifMatch: team.version })}
      onDone={() => setChanged(null)}
    >
      <TeamFields draft={draft} set={(part) => setChanged({ ...draft, ...part })} />
    </Confirm>
  );
};

export const RemoveTeam = ({ team }: { team: TeamView }) => {
  const remove = useAction(routes.teams.remove);
  const router = useRouter();
  return (
    <Confirm
      label="Remove"
      title={`Remove ${team.name}`}
      danger
      disabledReason={useLack('team.edit')}
      run={() => remove.mutateAsync({ params: { id: team.id }, ifMatch: team.version })}
      onDone={() => router.push(paths.teams())}
    >
      Its {team.members} people lose what its {team.grants} grants gave them, at once; its {team.rules} rules
      of directories go with it. The people stay.
    </Confirm>
  );
};
