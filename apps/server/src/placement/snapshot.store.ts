import type { Availability, HostPort, NodeState } from '@portreeve/domain';
import type { PlacementNode } from '@portreeve/planning';
import type { Tx } from '../platform/db/database.ts';
import type { TaskPort } from '../stacks/rows.ts';
import { hostPorts } from './request.ts';

type NodeRow = {
  id: string;
  name: string;
  version: number;
  path: string;
  keptFrom: string[];
  state: string;
  availability: string;
  silent: boolean;
  labels: Record<string, string>;
  capacity: PlacementNode['capacity'] | null;
  architecture: string | null;
  engineLabels: Record<string, string> | null;
  engineReachable: boolean | null;
  crossHost: PlacementNode['crossHostNetworks'] | null;
  usedPorts: HostPort[] | null;
  features: string[] | null;
};
type LoadRow = {
  nodeId: string;
  serviceId: string;
  tasks: number;
  cpus: number;
  memory: number;
  pids: number;
};
type PortsRow = { nodeId: string; ports: TaskPort[] };

const NO_CAPACITY = { cpus: 0, memoryBytes: 0, pids: 0 };

const nodeRows = (db: Tx) => db.$queryRaw<NodeRow[]>`
  SELECT n.id, n.name, n.version, p.path, n.state, n.availability, n.labels,
    coalesce(n."leaseUntil" < now(), false) AS silent,
    n.facts->'capacity' AS capacity, n.facts->>'architecture' AS architecture,
    n.facts->'engine'->'labels' AS "engineLabels",
    (n.facts->'engine'->>'reachable')::boolean AS "engineReachable",
    n.facts->'crossHostNetworks' AS "crossHost", n.facts->'usedPorts' AS "usedPorts",
    n.facts->'features' AS features,
    ARRAY(SELECT q.path FROM "Project" q WHERE q."ownNodesOnly" AND q."removedAt" IS NULL AND q.path <> p.path
      AND (p.path = '/' OR starts_with(q.path, p.path || '/'))) AS "keptFrom"
  FROM "Node" n JOIN "Project" p ON p.id = n."projectId" WHERE n."removedAt" IS NULL ORDER BY n.id`;

const loadRows = (db: Tx) => db.$queryRaw<LoadRow[]>`
  SELECT "nodeId", "serviceId", count(*)::int AS tasks, sum(cpus)::float8 AS cpus,
    sum("memoryBytes")::float8 AS memory, sum(pids)::int AS pids
  FROM "Task" WHERE "nodeId" IS NOT NULL AND state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
  GROUP BY 1, 2`;

const portRows = (db: Tx) => db.$queryRaw<PortsRow[]>`
  SELECT "nodeId", ports FROM "Task"
  WHERE "nodeId" IS NOT NULL AND ports <> '[]'::jsonb
    AND state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')`;

const imageRows = (db: Tx, keys: readonly string[]) => db.$queryRaw<{ nodeId: string; key: string }[]>`
  SELECT DISTINCT t."nodeId", coalesce(r.pin->>'digest', r.pin->>'imageId') AS key
  FROM "Task" t JOIN "Revision" r ON r.id = t."revisionId"
  WHERE t."nodeId" IS NOT NULL AND (t."imageReady" OR t.state = 'running')
    AND coalesce(r.pin->>'digest', r.pin->>'imageId') = ANY(${[...keys]}::text[])`;

/** What a host said of a port that we have given to a task since is that task. */
const foreignOf = (said: HostPort[] | null, given: readonly HostPort[]): HostPort[] =>
  (said ?? []).filter(
    (held) => !given.some(({ port, protocol }) => port === held.port && protocol === held.protocol),
  );

const nodeOf = (row: NodeRow, loads: LoadRow[], ports: PortsRow[], images: string[]): PlacementNode => ({
  id: row.id,
  name: row.name,
  version: row.version,
  projectPath: row.path,
  keptFrom: row.keptFrom,
  state: row.state === 'ready' && row.silent ? 'unknown' : (row.state as NodeState),
  availability: row.availability as Availability,
  labels: row.labels,
  engineLabels: row.engineLabels ?? {},
  // What a host calls its system (debian, say) is not what images call it.
  os: 'linux',
  architecture: row.architecture ?? '',
  capacity: row.capacity ?? NO_CAPACITY,
  reserved: {
    cpus: loads.reduce((sum, load) => sum + load.cpus, 0),
    memoryBytes: loads.reduce((sum, load) => sum + load.memory, 0),
    pids: loads.reduce((sum, load) => sum + load.pids, 0),
  },
  usedPorts: ports.flatMap((task) => hostPorts(task.ports)),
  foreignPorts: foreignOf(
    row.usedPorts,
    ports.flatMap((task) => hostPorts(task.ports)),
  ),
  tasksOfService: Object.fromEntries(loads.map((load) => [load.serviceId, load.tasks])),
  taskCount: loads.reduce((sum, load) => sum + load.tasks, 0),
  images: new Set(images),
  crossHostNetworks: row.crossHost ?? { able: false, reason: 'it has not said yet' },
  engineReachable: row.engineReachable ?? false,
  features: row.features ?? [],
});

/** Every node as placement sees it now; `imageKeys` are the images whose presence matters. */
export const loadPlacementNodes = async (
  db: Tx,
  imageKeys: readonly string[] = [],
): Promise<PlacementNode[]> => {
  // Versions first: whoever assigns after this moves them, and our plan is then made again.
  const nodes = await nodeRows(db);
  const [loads, ports, images] = await Promise.all([
    loadRows(db),
    portRows(db),
    imageKeys.length > 0 ? imageRows(db, imageKeys) : [],
  ]);
  const loadsOf = Map.groupBy(loads, ({ nodeId }) => nodeId);
  const portsOf = Map.groupBy(ports, ({ nodeId }) => nodeId);
  const imagesOf = Map.groupBy(images, ({ nodeId }) => nodeId);
  return nodes.map((row) =>
    nodeOf(
      row,
      loadsOf.get(row.id) ?? [],
      portsOf.get(row.id) ?? [],
      (imagesOf.get(row.id) ?? []).map(({ key }) => key),
    ),
  );
};
