import { type Overview, overviewRoutes, type ServiceSummary } from '@portreeve/contract';
import { isWithin, type Permission } from '@portreeve/domain';
import { eventViews } from '../activity/timeline.store.ts';
import type { Agents } from '../agents/agents.ts';
import { alertView } from '../alerts/alerts.routes.ts';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { knownProjectIds, projectIdsWithin } from '../projects/projects.store.ts';
import { serviceSummaries } from '../stacks/service-view.ts';
import { healthStrip } from './health-strip.ts';
import { needsOf, type Undo } from './needs.ts';
import {
  causesOf,
  certificatesOf,
  lastDay,
  openAlerts,
  recentChanges,
  serviceIdsOf,
  suspects,
  undosOf,
  waitingForNodes,
} from './overview.store.ts';

type Nodes = Awaited<ReturnType<typeof loadPlacementNodes>>;

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
  const disks = ready.flatMap(({ id, name }) =>
    (live(id)?.pressure?.disks ?? []).map((disk) => ({
      node: name,
      used: disk.usedBytes,
      total: disk.totalBytes,
    })),
  );
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
    fullestDisk: disks.toSorted((a, b) => b.used / b.total - a.used / a.total)[0] ?? null,
    withoutLargest: withoutLargest(ready),
  };
};

/** Changes that the caller may take back. */
const undosFor = async (
  db: Tx,
  services: readonly ServiceSummary[],
  may: (projectPath: string) => boolean,
): Promise<ReadonlyMap<string, Undo>> => {
  const known = new Map(services.map((service) => [service.id, service]));
  const found = await undosOf(db, [...known.keys()]);
  return new Map(
    found.flatMap(({ serviceId, name, from, to, changedAt }) => {
      const service = known.get(serviceId);
      if (!service || !may(service.projectPath)) return [];
      const replaces = service.count.wanted;
      return [
        [serviceId, { serviceId, name, from, to, replaces, changedAt: changedAt.toISOString() }] as const,
      ];
    }),
  );
};

/** Is everything healthy, and if not, what, since when, and what changed just before. */
export const mountOverview = (mount: Mount, database: Database, live: Agents['live']): void => {
  const db = database.prisma;
  mount(overviewRoutes.overview, async ({ query, ctx }) => {
    const idsOf = (permission: Permission) => knownProjectIds(db, ctx.scope(permission, query.project));
    const projectIds = await projectIdsWithin(db, ctx.scope('stack.read', query.project));
    const cluster = ctx.may('alert.read');
    const [nodeIds, alertIds, eventIds] = await Promise.all([
      idsOf('node.read'),
      idsOf('alert.read'),
      idsOf('activity.read'),
    ]);
    const nodePaths = ctx.scope('node.read', query.project);
    const now = new Date();
    const [services, allNodes, alerts, events, certificates, day] = await Promise.all([
      serviceSummaries(db, { projectIds }),
      loadPlacementNodes(db),
      openAlerts(db, { projectIds: alertIds, cluster }),
      recentChanges(db, eventIds),
      certificatesOf(db, nodeIds),
      lastDay(db, { projectIds: alertIds, cluster }, now),
    ]);
    const nodes = allNodes.filter(({ projectPath }) => nodePaths.some((path) => isWithin(projectPath, path)));
    const changes = await eventViews(db, events);
    const serviceIds = await serviceIdsOf(db, alerts);
    const alarmed = new Set(serviceIds.values());
    const troubled = services.filter(({ id, state }) => state === 'down' || alarmed.has(id));
    const down = services.filter(({ state }) => state === 'down');
    const began = [
      ...alerts.map(({ since }) => since.toISOString()),
      ...down.map(({ changedAt }) => changedAt),
    ];
    const [suspected, causes, waitFor] = await Promise.all([
      suspects(db, eventIds, began),
      causesOf(db, [...alarmed]),
      waitingForNodes(
        db,
        down.map(({ id }) => id),
      ),
    ]);
    const count = (...states: ServiceSummary['state'][]) =>
      services.filter(({ state }) => states.includes(state)).length;
    const standing = (...states: Nodes[number]['state'][]) =>
      nodes.filter(({ state }) => states.includes(state)).length;
    return {
      needs: needsOf({
        alerts: alerts.map((row) => {
          const serviceId = serviceIds.get(row.id) ?? null;
          const stackId = services.find(({ id }) => id === serviceId)?.stackId;
          return { view: alertView(row), serviceId, stackId, objectId: row.objectId ?? undefined };
        }),
        services,
        suspects: suspected,
        causes,
        waitFor,
        undos: await undosFor(db, troubled, (project) => ctx.may('service.deploy', project)),
      }),
      health: healthStrip(day, now),
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
