'use client';
import { Button, Form, FormGroup, TextInput } from '@patternfly/react-core';
import { routes } from '@portreeve/contract';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Gate } from '../../ui/gate.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import { useMe } from './signed-in.tsx';

const EnterCode = () => {
  const [code, setCode] = useState('');
  const router = useRouter();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    router.push(paths.device(code.trim().toUpperCase()));
  };
  return (
    <Panel>
      <Form onSubmit={submit} style={{ maxInlineSize: 360 }}>
        <FormGroup label="The code that the command line shows" fieldId="code">
          <TextInput id="code" value={code} autoComplete="off" onChange={(_, value) => setCode(value)} />
        </FormGroup>
        <Button type="submit" isDisabled={code.trim() === ''} style={{ justifySelf: 'start' }}>
          Go on
        </Button>
      </Form>
    </Panel>
  );
};

const Decide = ({ code }: { code: string }) => {
  const me = useMe();
  const shown = useWatch(routes.session.deviceShow, { params: { code } });
  const decide = useAction(routes.session.deviceDecide);
  const answer = (confirm: boolean) => decide.mutate({ params: { code }, body: { confirm } });
  if (decide.isSuccess)
    return (
      <Panel>
        <Status tone={decide.variables?.body.confirm ? 'ok' : 'off'} wrap>
          {decide.variables?.body.confirm
            ? 'Confirmed. The command line is signed in; go back to it.'
            : 'Refused. The command line is not signed in.'}
        </Status>
      </Panel>
    );
  return (
    <Panel title={<span className="mono">{code}</span>}>
      <Gate of={shown} lines={2}>
        {(data) => (
          <>
            <p>
              <b>{data.description}</b> at {data.address} asks to act as <b>{me.name}</b>. The code ends{' '}
              <When at={data.expiresAt} as="until" />.
            </p>
            <p className="dim" style={{ margin: '6px 0 12px' }}>
              Confirm only if you have just started it yourself and the code above is the one it shows.
            </p>
            <ProblemNote error={decide.error} />
            <Button size="sm" onClick={() => answer(true)} isLoading={decide.isPending}>
              Confirm
            </Button>{' '}
            <Button size="sm" variant="secondary" onClick={() => answer(false)}>
              Refuse
            </Button>
          </>
        )}
      </Gate>
    </Panel>
  );
};

/** Where a person lets a command line sign in. */
export const DevicePage = () => {
  const code = useSearchParams().get('code');
  return (
    <>
      <PageHead title="Sign in a command line" />
      {code ? <Decide code={code} /> : <EnterCode />}
    </>
  );
};
