'use client';
import { Form } from '@patternfly/react-core';
import { type DirectoryConfiguration, type DirectoryTest, routes } from '@portreeve/contract';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { TextField } from '../../ui/fields.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import type { Tone } from '../../ui/tone.ts';

const TONES: Record<DirectoryTest['steps'][number]['state'], Tone> = {
  ok: 'ok',
  warning: 'warn',
  failed: 'bad',
  'left-out': 'off',
};
const NAMES: Record<DirectoryTest['steps'][number]['name'], string> = {
  connect: 'Connect',
  tls: 'TLS',
  bind: 'Sign in as the service account',
  search: 'Search',
  entry: 'The entry',
  password: 'The password',
  groups: 'Groups',
  teams: 'Teams',
};

const Steps = ({ of }: { of: DirectoryTest['steps'] }) => (
  <ol style={{ listStyle: 'none', margin: '10px 0 0', padding: 0 }}>
    {of.map((step) => (
      <li key={step.name} style={{ padding: '3px 0' }}>
        <Status tone={TONES[step.state]} wrap>
          <b>{NAMES[step.name]}</b>{' '}
          {step.state !== 'left-out' && <span className="dim">{Math.round(step.ms)} ms</span>}
          <br />
          {step.text}
          {step.hint && <span className="dim"> {step.hint}</span>}
        </Status>
      </li>
    ))}
  </ol>
);

const listed = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));

/** The person that was looked for: as the directory has them, and what would follow. */
const Found = ({ of }: { of: DirectoryTest }) => {
  if (!of.entry) return null;
  const { dn, key, username, displayName, email, disabled } = of.entry;
  return (
    <div style={{ marginBlockStart: 10 }}>
      <Facts
        of={{
          Entry: <span className="mono">{dn}</span>,
          'Stable id': <span className="mono">{key}</span>,
          'Signs in as': `${username}${disabled ? ', disabled there' : ''}`,
          'Name shown': displayName,
          'E-mail': email ?? 'none',
          Groups: listed(of.groups.map(({ name, direct }) => (direct ? name : `${name} (nested)`))),
          Teams: listed(of.teams.map(({ name }) => name)),
          'Could do': listed(of.permissions.map(({ role, projectPath }) => `${role} in ${projectPath}`)),
        }}
      />
    </div>
  );
};

type Props = {
  directoryId?: string | undefined;
  configuration: DirectoryConfiguration | undefined;
  password: string;
};

/** Tries what is typed, before it is kept: each step with its answer, and a person with what would follow for them. */
export const TestPanel = ({ directoryId, configuration, password }: Props) => {
  const test = useAction(routes.directories.test);
  const [username, setUsername] = useState('');
  const [userPassword, setUserPassword] = useState('');
  const run = () =>
    configuration &&
    test.mutate({
      body: {
        directoryId,
        configuration,
        ...(password !== '' && { password }),
        ...(username !== '' && { username }),
        ...(userPassword !== '' && { userPassword }),
      },
    });
  return (
    <Panel title="Test" aside="nothing is kept">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <TextField
          label="A person to look for"
          placeholder="ada"
          help="As they would type it at the sign-in. Empty: only whether anybody is found."
          value={username}
          onChange={setUsername}
        />
        <TextField
          label="Their password"
          type="password"
          autoComplete="off"
          help="Only to try the sign-in as well. It goes to the directory and is kept nowhere."
          value={userPassword}
          onChange={setUserPassword}
        />
        <ProblemNote error={test.error} />
        <ActionButton
          type="submit"
          isLoading={test.isPending}
          style={{ justifySelf: 'start' }}
          disabledReason={configuration ? undefined : 'Something is missing or wrong in the fields.'}
        >
          Test
        </ActionButton>
      </Form>
      <div role="status">
        {test.data && (
          <>
            <Steps of={test.data.steps} />
            <Found of={test.data} />
          </>
        )}
      </div>
    </Panel>
  );
};
