'use client';
import {
  Button,
  Form,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  TextInput,
} from '@patternfly/react-core';
import { routes } from '@portreeve/contract';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { ProblemNote } from '../../ui/problem.tsx';

const SHORTEST = 12;

/** Changes the password of the person at this page. */
export const PasswordForm = ({ onDone }: { onDone?: () => void }) => {
  const change = useAction(routes.session.password);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const differs = again !== '' && again !== next;
  const ready = current !== '' && next.length >= SHORTEST && again === next;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { body: { current, next } },
      {
        onSuccess: () => {
          setCurrent('');
          setNext('');
          setAgain('');
          onDone?.();
        },
      },
    );
  };
  return (
    <Form onSubmit={submit}>
      <FormGroup label="Present password" fieldId="current" isRequired>
        <TextInput
          id="current"
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(_, value) => setCurrent(value)}
        />
      </FormGroup>
      <FormGroup label="New password" fieldId="next" isRequired>
        <TextInput
          id="next"
          type="password"
          autoComplete="new-password"
          value={next}
          onChange={(_, value) => setNext(value)}
        />
        <FormHelperText>
          <HelperText>
            <HelperTextItem>
              At least {SHORTEST} characters; a sentence is easier to keep in mind.
            </HelperTextItem>
          </HelperText>
        </FormHelperText>
      </FormGroup>
      <FormGroup label="New password again" fieldId="again" isRequired>
        <TextInput
          id="again"
          type="password"
          autoComplete="new-password"
          value={again}
          validated={differs ? 'error' : 'default'}
          onChange={(_, value) => setAgain(value)}
        />
        {differs && (
          <FormHelperText>
            <HelperText>
              <HelperTextItem variant="error">The two new passwords differ.</HelperTextItem>
            </HelperText>
          </FormHelperText>
        )}
      </FormGroup>
      <ProblemNote error={change.error} />
      {change.isSuccess && <p role="status">The password is changed.</p>}
      <Button type="submit" isLoading={change.isPending} isDisabled={!ready || change.isPending}>
        Change password
      </Button>
    </Form>
  );
};
