import { text } from 'node:stream/consumers';
import { DomainError } from '@portreeve/domain';
import { join } from './link/join.ts';
import { gatherFacts } from './reports/facts.ts';
import { saveIdentity } from './state/identity.ts';
import { openStore } from './state/store.ts';
import { INSTALLED, processesOf } from './supervise/processes.ts';

export type RunJoinOptions = {
  stateDir: string;
  dockerSocket: string;
  server: string | undefined;
  caSha256: string | undefined;
  name: string | undefined;
};

/** Joins with the token from standard input: an argument would show it to every user of the host (cases.md, S-46). */
export const runJoin = async (options: RunJoinOptions): Promise<void> => {
  const { server, caSha256, name } = options;
  if (!server || !caSha256)
    throw new DomainError(
      'request.invalid',
      'join needs --server and --ca-sha256: copy the command from "Add node".',
    );
  const token = (await text(process.stdin)).trim();
  if (token === '')
    throw new DomainError('request.invalid', 'The join token is read from standard input, and nothing came.');
  const store = await openStore(options.stateDir);
  const { facts } = await gatherFacts(options.dockerSocket, undefined, []);
  const identity = await join({ server, caSha256, token, facts, name });
  // What another cluster, or this host's former self, wanted here is no longer wanted.
  await store.remove('desired');
  await saveIdentity(store, identity);
  // One that runs is still who it was, and says so for ever: whoever keeps it running starts it anew.
  for (const pid of await processesOf(INSTALLED, 'agent', options.stateDir)) process.kill(pid, 'SIGTERM');
  process.stdout.write(`joined ${identity.clusterName} as ${identity.nodeName} (${identity.nodeId})\n`);
};
