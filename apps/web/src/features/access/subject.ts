import type { GrantSubject } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';

const WORDS = { user: 'person', team: 'team', 'service-account': 'service account' } as const;
const PAGES = { user: paths.person, team: paths.team, 'service-account': paths.serviceAccount } as const;

export const kindWord = (kind: GrantSubject['kind']): string => WORDS[kind];
export const subjectPath = ({ kind, id }: GrantSubject): string => PAGES[kind](id);

/** How one is written in a field: `team storefront`, since a person may be called so too. */
export const subjectText = ({ kind, name }: GrantSubject): string => `${WORDS[kind]} ${name}`;

/** What to look for while that is typed: the name without the word for its kind. */
export const searchOf = (text: string): string => {
  const word = Object.values(WORDS).find((each) => text.startsWith(`${each} `));
  return (word === undefined ? text : text.slice(word.length)).trim();
};
