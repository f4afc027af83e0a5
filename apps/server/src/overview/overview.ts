import {
  type AlertView,
  type EventView,
  type Overview,
  overviewRoutes,
  type ServiceSummary,
} from '@portreeve/contract';
import { eventViews } from '../activity/activity.routes.ts';
import type { Agents } from '../agents/agents.ts';
import { alertView } from '../alerts/alerts.routes.ts';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { serviceSummaries } from '../stacks/service-view.ts';
import { certificatesOf, openAlerts, recentChanges } from './overview.store.ts';

type Nodes = Awaited<ReturnType<typeof loadPlacementNodes>>;

const ACTIONS: Record<string, string> = {
  'node-lost': 'See the node',
  'rollout-paused': 'See the rollout',
  'rollout-failed': 'See the rollout',
  'crash-loop': 'See its tasks',
  unplaceable: 'See why',
  disk: 'See the node',
};

const needOf = (alert: AlertView, changes: readonly EventView[]): Overview['needs'][number] => {
  const before = changes.find(({ at }) => at <= alert.since);
  return {
    id: alert.id,
    severity: alert.severity,
    text: alert.message,
    since: alert.since,
    before: before?.text ?? '',
    action: alert.path ? { label: ACTIONS[alert.kind] ?? 'See it', path: alert.path } : null,
  };
};

/** Services that are down and that no alert speaks of. */
const downServices = (
  services: readonly ServiceSummary[],
  changes: readonly EventView[],
  told: string,
): Overview['needs'] =>
  services
    .filter(({ state, name, stackName }) => state === 'down' && !told.includes(`${stackName}/${name}`))
    .map(({ id, name, stackName, why, changedAt }) => ({
      id,
      severity: 'critical',
      text: `${stackName}/${name} is down${why ? `: ${why}` : ''}.`,
      since: changedAt,
      before: changes.find(({ object }) => object?.id === id)?.text ?? '',
      action: { label: 'See its tasks', path: `/services/${id}` },
    }));

const sum = (nodes: Nodes, pick: (node: Nodes[number]) => number): number =>
  nodes.reduce((total, node) => total + pick(node), 0);

/** What is left when the host with the most reserved on it is gone: would its tasks still fit? */
const withoutLargest = (nodes: Nodes): Overview['capacity']['withoutLargest'] => {
  const largest = nodes.toSorted((a, b) => b.capacity.memoryBytes - a.capacity.memoryBytes)[0];
  if (!largest || nodes.length < 2) return null;
  const others = nodes.filter((node) => node !== largest);
  const cpusLeft = sum(others, ({ capacity }) => capacity.cpus) - sum(nodes, ({ reserved }) => reserved.cpus);
  const memoryLeft =
    sum(others, ({ capacity }) => capacity.memoryBytes) - sum(nodes, ({ reserved }) => reserved.memoryBytes);
  return { node: largest.name, cpusLeft, memoryLeft, fits: cpusLeft >= 0 && memoryLeft >= 0 };
};

const capacityOf = (nodes: Nodes, live: Agents['live']): Overview['capacity'] => {
  const ready = nodes.filter(({ state }) => state === 'ready');
  const pressures = ready.flatMap(({ id }) => live(id)?.pressure ?? []);
  const used = (pick: (one: (typeof pressures)[number]) => number) =>
    pressures.length === 0 ? null : pressures.reduce((total, one) => total + pick(one), 0);
  return {
    cpus: {
      used: used(({ cpuUsed }) => cpuUsed),
      reserved: sum(ready, ({ reserved }) => reserved.cpus),
      allocatable: sum(ready, ({ capacity }) => capacity.cpus),
    },
    memory: {
      used: used(({ memoryUsedBytes }) => memoryUsedBytes),
      reserved: sum(ready, ({ reserved }) => reserved.memoryBytes),
      allocatable: sum(ready, ({ capacity }) => capacity.memoryBytes),
    },
    withoutLargest: withoutLargest(ready),
  };
};

/** Is everything healthy, and if not, what, since when, and what changed just before. */
export const mountOverview = (mount: Mount, database: Database, live: Agents['live']): void => {
  const db = database.prisma;
  mount(overviewRoutes.overview, async ({ query }) => {
    const path = query.project ?? '/';
    const projectIds = await projectIdsWithin(db, path);
    const [services, allNodes, alerts, events, certificates] = await Promise.all([
      serviceSummaries(db, { projectIds }),
      loadPlacementNodes(db),
      openAlerts(db, projectIds),
      recentChanges(db, projectIds),
      certificatesOf(db),
    ]);
    const nodes = allNodes.filter(
      ({ projectPath }) => path === '/' || projectPath === path || projectPath.startsWith(`${path}/`),
    );
    const changes = await eventViews(db, events);
    const shown = alerts.map(alertView);
    const count = (...states: ServiceSummary['state'][]) =>
      services.filter(({ state }) => states.includes(state)).length;
    const standing = (...states: Nodes[number]['state'][]) =>
      nodes.filter(({ state }) => states.includes(state)).length;
    const told = shown.map(({ message }) => message).join('\n');
    const rank = { critical: 0, warning: 1, info: 2 };
    return {
      needs: [...shown.map((alert) => needOf(alert, changes)), ...downServices(services, changes, told)].sort(
        (a, b) => rank[a.severity] - rank[b.severity],
      ),
      services: {
        healthy: count('healthy', 'complete'),
        degraded: count('degraded'),
        down: count('down'),
        changing: count('changing', 'waiting'),
        stopped: count('stopped'),
      },
      tasks: {
        ready: services.reduce((total, one) => total + one.count.ready, 0),
        wanted: services.reduce((total, one) => total + one.count.wanted, 0),
      },
      nodes: {
        ready: standing('ready'),
        total: nodes.length,
        unknown: standing('unknown', 'returning', 'joining'),
        lost: standing('lost'),
      },
      capacity: capacityOf(nodes, live),
      changes,
      certificates,
      recovery: { sentence: 'No backup has been set up yet; backups come with a later version.' },
    };
  });
};
