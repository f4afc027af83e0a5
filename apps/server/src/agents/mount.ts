import { fileURLToPath } from 'node:url';
import { Counter, Gauge } from 'prom-client';
import { createEnrolment } from '../nodes/enrolment.ts';
import { readSettings } from '../platform/cluster/settings.store.ts';
import type { Platform } from '../platform.ts';
import type { BulkDoor } from '../streams/bulk-door.ts';
import { type Agents, createAgents } from './agents.ts';
import { SHARE_EVERY_MS } from './live-figures.ts';
import { type Timing, timingOf } from './timing.ts';

const AGENT_FILES = fileURLToPath(new URL('../../../agent/dist', import.meta.url));
const RENEW_EVERY_MS = 1_000;

/** The agents' gateway of this server, on the listener of 7401, and the loop that renews what was heard. */
export const mountAgents = async (
  platform: Platform,
  door: BulkDoor,
): Promise<{ agents: Agents; timing: Timing }> => {
  const { database, metrics, loops } = platform;
  const settings = await readSettings(database.prisma);
  const timing = timingOf(settings.leaseSeconds * 1_000);
  const beats = new Counter({
    name: 'portreeve_agent_beats_total',
    help: 'Beats of agents heard by this server',
    registers: [metrics],
  });
  const reports = new Counter({
    name: 'portreeve_agent_reports_total',
    help: 'Reports of agents stored by this server',
    registers: [metrics],
  });
  const agents = createAgents({
    ...platform,
    onBulk: door.serve,
    timing,
    enrolment: createEnrolment({
      database,
      ca: platform.ca,
      cluster: async () => ({
        id: platform.clusterId,
        name: (await readSettings(database.prisma)).clusterName,
      }),
    }),
    unseal: platform.keys.unseal,
    listener: platform.agentApp,
    agentFiles: AGENT_FILES,
    onBeat: () => beats.inc(),
    onReport: () => reports.inc(),
  });
  new Gauge({
    name: 'portreeve_agents_connected',
    help: 'Agents connected to this server',
    registers: [metrics],
    collect() {
      this.set(agents.connected());
    },
  });
  loops.start({
    name: 'renew leases',
    everyMs: RENEW_EVERY_MS,
    leaderOnly: false,
    run: agents.renewLeases,
  });
  loops.start({
    name: 'share live figures',
    everyMs: SHARE_EVERY_MS,
    leaderOnly: false,
    run: agents.shareLive,
  });
  platform.onClose(agents.close);
  return { agents, timing };
};
