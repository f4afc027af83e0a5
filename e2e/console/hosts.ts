import { routes } from '@portreeve/contract';
import { eventually } from '../lab/eventually.ts';
import type { LabHost } from '../lab/lab.ts';
import type { Operator } from './operator.ts';

/** Pastes the command of *Add node* into a host, as a person would. Throws with the host's words when it fails. */
export const pasteJoinCommand = async (host: LabHost, command: string): Promise<void> => {
  const { code, stdout, stderr } = await host.exec(['sh', '-c', command], { timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`joining ${host.name} failed (${code}):\n${stdout}\n${stderr}`);
};

/** Joins every host with one token and waits until all are ready. Returns the nodes' ids by host name. */
export const joinHosts = async (
  operator: Operator,
  hosts: readonly LabHost[],
  address: string,
  labelsOf: (host: LabHost) => Record<string, string> = () => ({}),
): Promise<Map<string, string>> => {
  for (const host of hosts) {
    const { command } = await operator.call(routes.nodes.createToken, {
      body: { labels: labelsOf(host), address },
    });
    await pasteJoinCommand(host, command);
  }
  return eventually(
    async () => {
      const { items } = await operator.call(routes.nodes.list, { query: {} });
      const ready = items.filter(({ state }) => state === 'ready');
      return ready.length >= hosts.length && new Map(ready.map(({ name, id }) => [name, id]));
    },
    { timeout: 60_000, what: 'every host to be ready' },
  );
};
