'use client';
import { routes, type UserView } from '@portreeve/contract';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { ActionMenu } from '../../ui/action-menu.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Fields, TextField } from '../../ui/fields.tsx';
import { NewGrant } from '../grants/new-grant.tsx';
import { useLack } from '../session/lack.ts';
import type { Made } from './new-person.tsx';

const EditPerson = ({ person }: { person: UserView }) => {
  const edit = useAction(routes.users.edit);
  const lack = useLack('user.edit');
  const [changed, setChanged] = useState<{ displayName: string; email: string } | null>(null);
  const draft = changed ?? { displayName: person.displayName, email: person.email ?? '' };
  const set = (part: Partial<typeof draft>) => setChanged({ ...draft, ...part });
  return (
    <Confirm
      label="Edit"
      title={`Edit ${person.name}`}
      disabledReason={
        lack ?? (person.directory ? `The directory ${person.directory.name} says who they are.` : undefined)
      }
      run={() =>
        edit.mutateAsync({
          params: { id: person.id },
          body: { displayName: draft.displayName, email: draft.email || null },
          ifMatch: person.version,
        })
      }
      onDone={() => setChanged(null)}
    >
      <Fields>
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

const DisablePerson = ({ person }: { person: UserView }) => {
  const disable = useAction(routes.users.disable);
  const [why, setWhy] = useState('');
  return (
    <Confirm
      label="Disable"
      title={`Disable ${person.name}`}
      danger
      disabledReason={useLack('user.edit')}
      run={() => disable.mutateAsync({ params: { id: person.id }, body: { why } })}
    >
      <Fields>
        <p>
          They cannot sign in any more; their {person.sessions} sessions and {person.tokens} tokens end at
          once, with every log and terminal open through them. What they started goes on running.
        </p>
        <TextField label="Why" value={why} onChange={setWhy} />
      </Fields>
    </Confirm>
  );
};

const EnablePerson = ({ person }: { person: UserView }) => {
  const enable = useAction(routes.users.enable);
  return (
    <Confirm
      label="Enable"
      title={`Enable ${person.name}`}
      disabledReason={useLack('user.edit')}
      run={() => enable.mutateAsync({ params: { id: person.id } })}
    >
      They can sign in again, with the teams and grants that they have. Tokens of before stay ended.
    </Confirm>
  );
};

/** What can be done with an account. */
export const PersonActions = ({ person, onMade }: { person: UserView; onMade: (made: Made) => void }) => {
  const reset = useAction(routes.users.resetPassword);
  const endSessions = useAction(routes.users.endSessions);
  const lack = useLack('user.edit');
  const params = { id: person.id };
  const { id, name, displayName } = person;
  return (
    <>
      <EditPerson key={person.version} person={person} />
      {person.disabledAt ? <EnablePerson person={person} /> : <DisablePerson person={person} />}
      <NewGrant to={{ kind: 'user', id, name, displayName }} />
      <ActionMenu
        label="More about this person"
        actions={[
          {
            label: 'Sign out everywhere',
            sentence: `${name} has to sign in again in every browser. Tokens stay.`,
            danger: true,
            disabledReason: lack ?? (person.sessions === 0 ? 'They are signed in nowhere.' : undefined),
            run: () => endSessions.mutateAsync({ params }),
          },
          {
            label: 'New one-time password',
            sentence: `The password of ${name} counts no more, and their sessions end. The new one is shown once, to you.`,
            danger: true,
            disabledReason:
              lack ?? (person.directory ? 'Their password is kept by the directory.' : undefined),
            run: async () =>
              onMade({ name, password: (await reset.mutateAsync({ params })).oneTimePassword }),
          },
        ]}
      />
    </>
  );
};
