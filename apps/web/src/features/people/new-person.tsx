'use client';
import { AccountName, routes } from '@portreeve/contract';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, TextField } from '../../ui/fields.tsx';
import { useLack } from '../session/lack.ts';

export type Made = { name: string; password: string };
const EMPTY = { name: '', displayName: '', email: '' };

/** A local account; people of a directory get theirs at their first sign-in. */
export const NewPerson = ({ onMade }: { onMade: (made: Made) => void }) => {
  const create = useAction(routes.users.create);
  const [draft, set, reset] = useDraft(EMPTY);
  const wrong = draft.name === '' ? undefined : AccountName.safeParse(draft.name).error?.issues[0]?.message;
  const make = async () => {
    const { name, displayName } = draft;
    const answer = await create.mutateAsync({ body: { name, displayName, email: draft.email || null } });
    onMade({ name, password: answer.oneTimePassword });
  };
  return (
    <Confirm
      label="New local account"
      variant="primary"
      disabledReason={useLack('user.edit')}
      notYet={draft.name === '' ? 'It needs a name' : wrong}
      run={make}
      onDone={reset}
    >
      <Fields>
        <TextField
          label="Name"
          required
          help="What they sign in with. People of a directory need no account here: they get it at their first sign-in."
          wrong={wrong}
          value={draft.name}
          onChange={(name) => set({ name })}
        />
        <TextField
          label="Name shown"
          value={draft.displayName}
          onChange={(displayName) => set({ displayName })}
        />
        <TextField
          label="E-mail address"
          type="email"
          value={draft.email}
          onChange={(email) => set({ email })}
        />
      </Fields>
    </Confirm>
  );
};
