'use client';
import { routes } from '@portreeve/contract';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Fields, TextField } from '../../ui/fields.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SecondFactorSetup } from '../session/second-factor-setup.tsx';
import { useMe } from '../session/signed-in.tsx';

const EndCodes = () => {
  const end = useAction(routes.secondFactor.end);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  return (
    <Confirm
      label="Sign in without codes"
      title="Sign in without codes again?"
      danger
      notYet={password === '' || code.length < 6 ? 'Give your password and a code.' : undefined}
      run={() => end.mutateAsync({ body: { password, code } })}
    >
      <Fields>
        <TextField
          label="Your password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={setPassword}
        />
        <TextField
          label="A code, or a recovery code"
          autoComplete="one-time-code"
          required
          value={code}
          onChange={setCode}
        />
      </Fields>
    </Confirm>
  );
};

/** Codes of an authenticator besides the password. */
export const CodesTab = () => {
  const { secondFactor } = useMe();
  const [settingUp, setSettingUp] = useState(secondFactor === 'off');
  if (secondFactor === 'not here')
    return (
      <Panel title="Codes of an authenticator">
        <p>You sign in through a directory; codes are asked for there, if at all.</p>
      </Panel>
    );
  if (secondFactor === 'on' && !settingUp)
    return (
      <Panel title="Codes of an authenticator">
        <p style={{ marginBlockEnd: 12 }}>A code is asked for at each sign-in.</p>
        <EndCodes />
      </Panel>
    );
  return (
    <Panel title="Codes of an authenticator">
      <div style={{ maxWidth: 420 }}>
        <SecondFactorSetup onDone={() => setSettingUp(false)} />
      </div>
    </Panel>
  );
};
