import type { DirectoryTest, DirectoryTestStep } from '@portreeve/contract';
import { type Connection, openConnection, type Reach, requirePassword } from './connection.ts';
import type { PersonEntry } from './entry.ts';
import { anything, parseFilter } from './filters.ts';
import { findGroups, groupsOfPerson, type PersonsGroup } from './groups.ts';
import { findPerson } from './people.ts';
import { DirectoryProblem, inWords } from './problem.ts';
import { refusalHint, refusalText } from './refusals.ts';
import type { Asked, Verify } from './verify.ts';

type StepName = DirectoryTestStep['name'];
type Said = { text: string; state?: 'ok' | 'warning' | 'failed' | 'left-out'; hint?: string };
export type TryOut = { reach: Reach; username?: string | undefined; userPassword?: string | undefined };
export type Tried = {
  steps: DirectoryTestStep[];
  entry?: PersonEntry;
  groups: PersonsGroup[];
};

const LONGEST_MS = 15_000;
/** Enough to see that a search finds what it should. */
const LOOKED_AT = 100;

const HINTS: Partial<Record<StepName, string>> = {
  connect: 'Look at the address, the port, and whether a firewall is between.',
  tls: 'Upload the certificate of the CA that signed the directory’s own, and use the name that stands in it.',
  bind: 'Look at the DN and the password of the service account.',
  search: 'Look at the base and the filter, and whether the service account may read there.',
};

const atLeast = (count: number): string => (count >= LOOKED_AT ? `${LOOKED_AT} or more` : String(count));

/** Takes the steps one after the other; after one that failed the others are left out. */
const createSteps = () => {
  const steps: DirectoryTestStep[] = [];
  const hasFailed = () => steps.some(({ state }) => state === 'failed');
  const add = (name: StepName, ms: number, { text, state = 'ok', hint }: Said) =>
    steps.push({ name, state, text, ms: Math.round(ms * 10) / 10, hint: hint ?? '' });
  const take = async (name: StepName, work: () => Promise<Said> | Said): Promise<void> => {
    if (hasFailed()) return void add(name, 0, { text: 'Not tried.', state: 'left-out' });
    const began = performance.now();
    try {
      const said = await work();
      add(name, performance.now() - began, said);
    } catch (error) {
      const text = error instanceof DirectoryProblem ? error.message : `${inWords(error)}.`;
      add(name, performance.now() - began, { text, state: 'failed', hint: HINTS[name] ?? '' });
    }
  };
  return { steps, take };
};

const tlsSaid = ({ configuration }: Reach, name: string): Said => {
  if (configuration.security === 'plain')
    return { state: 'warning', text: 'Without TLS: only because it is the same machine.' };
  if (!configuration.verifyCertificate)
    return {
      state: 'warning',
      text: `The certificate of ${name} is not checked.`,
      hint: 'Anybody on the way can read every password. Upload the CA and turn the check on.',
    };
  return { text: `The certificate of ${name} is trusted.` };
};

const searchSaid = async (connection: Connection, { configuration }: Reach): Promise<Said> => {
  const said: string[] = [];
  let total = 0;
  for (const { base, scope, filter } of configuration.users) {
    const found = await connection.search({
      // All of it: that a directory cuts long answers short must come out now, and not at the first sync.
      ...{ base, scope, filter: parseFilter(filter), attributes: ['1.1'] },
    });
    total += found.length;
    said.push(`${found.length} below ${base}`);
  }
  if (total === 0) return { state: 'failed', text: 'The searches find nobody.', hint: HINTS.search ?? '' };
  return { text: `People found: ${said.join(', ')}.` };
};

const groupsSaid = async (connection: Connection, { configuration }: Reach): Promise<Said> => {
  if (!configuration.groups) return { state: 'left-out', text: 'No groups were set up.' };
  const found = await findGroups(connection, configuration, anything(), LOOKED_AT);
  return found.length === 0
    ? { state: 'warning', text: `No groups below ${configuration.groups.base}.`, hint: HINTS.search ?? '' }
    : { text: `${atLeast(found.length)} groups below ${configuration.groups.base}.` };
};

/** Connects and begins TLS as two steps; of several addresses the first that answers is gone on with. */
const connectSteps = async (
  { take }: ReturnType<typeof createSteps>,
  reach: Reach,
  until: number,
): Promise<Connection | undefined> => {
  const { urls } = reach.configuration;
  const problems: DirectoryProblem[] = [];
  let connection: Connection | undefined;
  const tryAll = async (): Promise<void> => {
    for (const url of urls) {
      const opened = await openConnection(url, reach, until).catch((error: DirectoryProblem) => {
        problems.push(error);
        return undefined;
      });
      if (opened && connection) opened.close();
      connection ??= opened;
    }
  };
  await take('connect', async () => {
    await tryAll();
    const reached = connection !== undefined || problems.some(({ step }) => step === 'tls');
    if (!reached && problems[0]) throw problems[0];
    const others = problems.filter(({ step }) => step === 'connect').map(({ message }) => message);
    return others.length > 0
      ? { state: 'warning', text: others.join(' ') }
      : { text: `${urls.length === 1 ? urls[0] : 'Every address'} answers.` };
  });
  await take('tls', () => {
    const untrusted = problems.find(({ step }) => step === 'tls');
    if (untrusted) throw untrusted;
    return tlsSaid(reach, connection?.url ?? '');
  });
  return connection;
};

/** Tries a configuration step by step, each with its answer; a person too where one is named. */
export const tryOut = async (wish: TryOut, verify?: { verify: Verify; http: Asked }): Promise<Tried> => {
  const { reach, username, userPassword } = wish;
  const until = performance.now() + LONGEST_MS;
  const all = createSteps();
  const { steps, take } = all;
  const tried: Tried = { steps, groups: [] };
  const connection = await connectSteps(all, reach, until);
  const asked = (): Connection => {
    if (!connection) throw new Error('there is no connection');
    return connection;
  };
  try {
    await take('bind', async () => {
      const { bindDn } = reach.configuration;
      requirePassword(bindDn, reach.password);
      await asked().bind(bindDn, reach.password);
      return { text: bindDn === '' ? 'Anybody may search it.' : `${bindDn} is taken.` };
    });
    await take('search', () => searchSaid(asked(), reach));
    await take('entry', async () => {
      if (!username) return { state: 'left-out', text: 'Name a person to see what would follow.' };
      const entry = await findPerson(asked(), reach.configuration, username);
      if (!entry) return { state: 'failed', text: `No search finds just one entry for “${username}”.` };
      tried.entry = entry;
      return entry.disabled
        ? { state: 'warning', text: `${entry.dn} is disabled in the directory.` }
        : { text: `${entry.dn}, for ever known as ${entry.key}.` };
    });
    await take('password', async () => {
      if (!username || !userPassword || !verify)
        return { state: 'left-out', text: 'Type the person’s password to try the sign-in.' };
      const verdict = await verify.verify(reach, { username, password: userPassword }, until, verify.http);
      if (verdict.kind === 'in') return { text: 'The directory takes the password.' };
      return { state: 'failed', text: refusalText(verdict.why), hint: refusalHint(verdict.why) };
    });
    await take('groups', async () => {
      if (!tried.entry) return groupsSaid(asked(), reach);
      tried.groups = await groupsOfPerson(asked(), reach.configuration, tried.entry);
      return { text: `In ${tried.groups.length} groups, by itself or through others.` };
    });
  } finally {
    connection?.close();
  }
  return tried;
};

export const hasFailed = ({ steps }: Pick<DirectoryTest, 'steps'>): boolean =>
  steps.some(({ state }) => state === 'failed');
