import { Alert } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import type { ApiError } from '../lib/call.ts';

type Props = { error: ApiError | null | undefined; action?: ReactNode };

/** An error where it belongs: the server's sentence, the way out, and what is wrong where. */
export const ProblemNote = ({ error, action }: Props) => {
  if (!error) return null;
  return (
    <Alert variant="danger" isInline title={error.message} actionLinks={action} role="alert">
      {error.hint && <p>{error.hint}</p>}
      {error.errors.length > 0 && (
        <ul>
          {error.errors.map((each) => (
            <li key={`${each.pointer ?? ''}${each.line ?? ''}${each.message}`}>
              {each.line ? `line ${each.line}: ` : ''}
              {each.pointer && !each.line ? `${each.pointer}: ` : ''}
              {each.message}
              {each.hint ? ` ${each.hint}` : ''}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
};
