import { readdirSync, readFileSync } from 'node:fs';
import { processesBelow } from '../console/process-tree.ts';
import type { Stage } from './stage.ts';

/** What processes hold at rest. */
export type Holding = {
  minute: number;
  server: { pid: number; rssMiB: number; files: number };
  agents: { rssMiB: number; files: number }[];
  connections: number;
};

const holds = (pid: number): { rssMiB: number; files: number } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rssKiB = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return { rssMiB: Math.round(rssKiB / 1024), files: readdirSync(`/proc/${pid}/fd`).length };
};

/** Measures server, agents and connections of the database now. */
export const measure = async (stage: Stage, minute: number): Promise<Holding> => {
  const pid = await stage.product.serverPid();
  const inits = stage.lab.hosts.flatMap((host) => host.pid ?? []);
  const agents = inits.flatMap(processesBelow).filter(({ command }) => / agent --with-parent/.test(command));
  const [row] = await stage.ask<{ connections: number }>(
    `SELECT count(*)::int AS connections FROM pg_stat_activity WHERE application_name LIKE 'portreeve%'`,
  );
  return {
    minute,
    server: { pid, ...holds(pid) },
    agents: agents.map((agent) => holds(agent.pid)),
    connections: row?.connections ?? 0,
  };
};

const MOST = { serverMiB: 450, serverFiles: 200, agentMiB: 150, agentFiles: 120, connections: 24 };
/** Between two rests; what a cache takes once is no leak. */
const GROWTH = { rssMiB: 150, files: 40 };

/** What is more than it may be, in words. */
export const leaks = (holdings: readonly Holding[]): string[] => {
  const last = holdings.at(-1);
  if (!last) return [];
  const over = (what: string, is: number, most: number): string[] =>
    is > most ? [`${what} is ${is}, more than ${most}`] : [];
  const first = holdings.find(({ server }) => server.pid === last.server.pid) ?? last;
  return [
    ...over('the memory of the server in MiB', last.server.rssMiB, MOST.serverMiB),
    ...over('the open files of the server', last.server.files, MOST.serverFiles),
    ...over(
      'what the memory of the server grew by in MiB',
      last.server.rssMiB - first.server.rssMiB,
      GROWTH.rssMiB,
    ),
    ...over(
      'what the open files of the server grew by',
      last.server.files - first.server.files,
      GROWTH.files,
    ),
    ...over('the connections to the database', last.connections, MOST.connections),
    ...last.agents.flatMap((agent) => [
      ...over('the memory of an agent in MiB', agent.rssMiB, MOST.agentMiB),
      ...over('the open files of an agent', agent.files, MOST.agentFiles),
    ]),
  ];
};
