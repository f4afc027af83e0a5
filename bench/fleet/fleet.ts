import { type ChildProcess, fork } from 'node:child_process';
import { routes } from '@portreeve/contract';
import type { Operator } from '../../e2e/console/operator.ts';
import type { Crew } from './protocol.ts';

/** So many processes share the hosts; one of them is the tenth that is lost. */
const CREWS = 10;
const USES = 100;

/** A fleet of simulated hosts, in processes of their own so that the server's time can be told apart. */
export type Fleet = {
  pids: number[];
  /** A tenth of the hosts falls silent, all at once and with no word: nothing of them runs, and no socket is closed. */
  loseTenth: () => void;
  end: () => void;
};

/** One single-use token per host is not needed: a token's uses are shared out. */
const tokensFor = async (operator: Operator, hosts: number, address: string) => {
  const tokens: string[] = [];
  let caSha256 = '';
  while (tokens.length < hosts) {
    const uses = Math.min(USES, hosts - tokens.length);
    const made = await operator.call(routes.nodes.createToken, { body: { uses, address } });
    caSha256 = made.caSha256;
    tokens.push(...Array.from({ length: uses }, () => made.token));
  }
  return { tokens, caSha256 };
};

/** Starts the processes; their hosts join from then on. */
export const startFleet = async (operator: Operator, hosts: number, server: string): Promise<Fleet> => {
  const { tokens, caSha256 } = await tokensFor(operator, hosts, new URL(server).hostname);
  const each = Math.ceil(hosts / CREWS);
  const children: ChildProcess[] = [];
  for (let first = 0; first < hosts; first += each) {
    const child = fork(new URL('crew.ts', import.meta.url), {
      env: { ...process.env, PORTREEVE_AGENT_LOG: 'error' },
    });
    child.send({ server, caSha256, tokens: tokens.slice(first, first + each), first } satisfies Crew);
    children.push(child);
  }
  return {
    pids: children.flatMap(({ pid }) => pid ?? []),
    loseTenth: () => {
      children[0]?.kill('SIGSTOP');
    },
    end: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
};
