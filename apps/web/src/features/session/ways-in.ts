'use client';
import { type CallOutput, routes } from '@portreeve/contract';
import { useEffect, useState } from 'react';
import { call } from '../../lib/call.ts';

type WaysIn = CallOutput<typeof routes.directories.choices>;
type Way = { value: string; text: string };

/** Asked once; a page that cannot learn it still lets people sign in by name. */
export const useWaysIn = (): WaysIn => {
  const [ways, setWays] = useState<WaysIn>({ banner: '', directories: [] });
  useEffect(() => {
    const asking = new AbortController();
    call(routes.directories.choices, {}, asking.signal).then(setWays, () => undefined);
    return () => asking.abort();
  }, []);
  return ways;
};

/** What there is to choose from; nothing where the console's own accounts are the only way in. */
export const waysOf = (directories: WaysIn['directories']): Way[] =>
  directories.length === 0
    ? []
    : [
        { value: '', text: 'whichever knows the name' },
        ...directories.map(({ id, name }) => ({ value: id, text: name })),
        { value: 'local', text: 'this console' },
      ];

/** The choice of the last time, as long as it is still one. */
export const keptWay = (ways: readonly Way[], kept: string): string =>
  ways.some(({ value }) => value === kept) ? kept : '';
