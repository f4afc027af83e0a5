import type { ReactNode } from 'react';
import type { Seen } from '../live/queries.ts';
import { LoadingLines } from './loading.tsx';
import { ProblemNote } from './problem.tsx';

type Props<T> = { of: Seen<T>; lines?: number; children: (data: T) => ReactNode };

/** Skeleton, then data; an error stands above data that may be old, or alone. */
export const Gate = <T,>({ of, lines, children }: Props<T>) => (
  <>
    <ProblemNote error={of.error} />
    {of.data !== undefined ? children(of.data) : of.error === null && <LoadingLines lines={lines} />}
  </>
);
