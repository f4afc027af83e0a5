'use client';
import { Button, Form, FormGroup, TextInput } from '@patternfly/react-core';
import { routes } from '@portreeve/contract';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useEffect, useState } from 'react';
import { type ApiError, call } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { pageSecret } from '../../lib/session.ts';
import { SelectField } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { useRemembered } from '../../ui/remembered.ts';
import card from './sign-in-card.module.css';
import { SignInCard } from './sign-in-card.tsx';
import { keptWay, useWaysIn, waysOf } from './ways-in.ts';

/** Only a path of this console; a link from elsewhere must not send people away after they signed in. */
const safeNext = (next: string | null): string =>
  next && /^\/(?![/\\])/.test(next) ? next : paths.overview();

export const SignInPage = () => {
  const router = useRouter();
  const next = safeNext(useSearchParams().get('next'));
  const { banner, directories } = useWaysIn();
  const ways = waysOf(directories);
  const [kept, keep] = useRemembered('sign-in');
  const way = keptWay(ways, kept);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  /** Absent until the server asks for one. */
  const [code, setCode] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    document.title = 'Sign in · Portreeve';
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const answer = await call(routes.session.signIn, {
        body: { name, password, ...(code && { code }), ...(way && { directory: way }) },
      });
      pageSecret.keep(answer.pageSecret);
      router.replace(next);
    } catch (failure) {
      setBusy(false);
      if ((failure as ApiError).code === 'auth.code-needed') return setCode('');
      setError(failure as ApiError);
      // A code counts once; all else stays as it was typed.
      if (code) setCode('');
    }
  };
  return (
    <SignInCard title="Sign in">
      {banner && <p className={card.banner}>{banner}</p>}
      <Form onSubmit={submit}>
        {ways.length > 0 && <SelectField label="Account of" options={ways} value={way} onChange={keep} />}
        <FormGroup label="Name" fieldId="name" isRequired>
          <TextInput
            id="name"
            name="username"
            autoComplete="username"
            autoFocus
            isRequired
            value={name}
            onChange={(_, value) => {
              setName(value);
              setCode(undefined);
            }}
          />
        </FormGroup>
        <FormGroup label="Password" fieldId="password" isRequired>
          <TextInput
            id="password"
            name="password"
            type="password"
            autoComplete="current-password"
            isRequired
            value={password}
            onChange={(_, value) => setPassword(value)}
          />
        </FormGroup>
        {code !== undefined && (
          <FormGroup label="Code of your authenticator, or a recovery code" fieldId="code" isRequired>
            <TextInput
              id="code"
              name="code"
              autoComplete="one-time-code"
              autoFocus
              isRequired
              value={code}
              onChange={(_, value) => setCode(value)}
            />
          </FormGroup>
        )}
        <ProblemNote error={error} />
        <Button
          type="submit"
          isBlock
          isLoading={busy}
          isDisabled={busy || name === '' || password === '' || (code !== undefined && code.length < 6)}
        >
          Sign in
        </Button>
      </Form>
    </SignInCard>
  );
};
