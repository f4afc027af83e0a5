'use client';
import { Button, Form } from '@patternfly/react-core';
import { routes } from '@portreeve/contract';
import { QRCodeSVG } from 'qrcode.react';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { TextField } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/problem.tsx';

type Begun = { secret: string; address: string };

const AskPassword = ({ onBegun }: { onBegun: (begun: Begun) => void }) => {
  const begin = useAction(routes.secondFactor.begin);
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate({ body: { password } }, { onSuccess: onBegun });
  };
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={setPassword}
      />
      <ProblemNote error={begin.error} />
      <Button type="submit" isLoading={begin.isPending} isDisabled={password === '' || begin.isPending}>
        Continue
      </Button>
    </Form>
  );
};

/** The picture has a white ground of its own: authenticators do not read light on dark. */
const Picture = ({ address }: { address: string }) => (
  <div style={{ background: '#fff', padding: 12, inlineSize: 'fit-content' }}>
    <QRCodeSVG value={address} size={168} title="The secret, for the camera of an authenticator" />
  </div>
);

type ConfirmProps = { begun: Begun; onConfirmed: (recoveryCodes: string[]) => void };
const ConfirmCode = ({ begun, onConfirmed }: ConfirmProps) => {
  const confirm = useAction(routes.secondFactor.confirm);
  const [code, setCode] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate({ body: { code } }, { onSuccess: ({ recoveryCodes }) => onConfirmed(recoveryCodes) });
  };
  return (
    <Form onSubmit={submit}>
      <p>Show this to your authenticator, or type the secret into it.</p>
      <Picture address={begun.address} />
      <CopyBlock label="the secret" text={begun.secret} />
      <TextField
        label="The code that it shows now"
        autoComplete="one-time-code"
        required
        value={code}
        onChange={setCode}
      />
      <ProblemNote error={confirm.error} />
      <Button type="submit" isLoading={confirm.isPending} isDisabled={code.length < 6 || confirm.isPending}>
        Confirm
      </Button>
    </Form>
  );
};

/** Password, secret, first code, recovery codes: codes are asked for once the first one was right. */
export const SecondFactorSetup = ({ onDone }: { onDone: () => void }) => {
  const [begun, setBegun] = useState<Begun>();
  const [recoveryCodes, setRecoveryCodes] = useState<string[]>();
  if (recoveryCodes)
    return (
      <div style={{ display: 'grid', gap: 12 }}>
        <p>
          Keep these recovery codes where you keep what must not be lost. Each one lets you in once without
          the authenticator; they are shown now and never again.
        </p>
        <CopyBlock label="the recovery codes" text={recoveryCodes.join('\n')} />
        <Button onClick={onDone}>I have kept them</Button>
      </div>
    );
  if (begun) return <ConfirmCode begun={begun} onConfirmed={setRecoveryCodes} />;
  return <AskPassword onBegun={setBegun} />;
};
