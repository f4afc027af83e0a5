import { compareOrder, type Order } from '@portreeve/agent-protocol';
import type { ServiceSpec } from '@portreeve/domain';
import { KEPT_REVISIONS } from '@portreeve/planning';
import type { Tx } from '../platform/db/database.ts';
import type { RevisionCache } from '../stacks/revision-cache.ts';
import {
  type DesiredRows,
  type DesiredTaskRow,
  fileKey,
  type RegistryRow,
  type RevisionRow,
} from './desired-document.ts';
import { SEALED } from './sealed.ts';

type Unseal = (sealed: string, context: string) => string;
/** What documents are made with besides the database. */
export type Sources = { unseal: Unseal; revisionsOf: RevisionCache };

const taskRows = (db: Tx, nodeId: string) => db.$queryRaw<DesiredTaskRow[]>`
  SELECT t.id, t.slot, t.desired, t.hold, t."replacesContainer", t."revisionId", t.networks, t.ports, t.volumes,
    json_build_object('id', s.id, 'name', s.name) AS service,
    json_build_object('id', st.id, 'name', st.name) AS stack,
    json_build_object('id', p.id, 'path', p.path) AS project
  FROM "Task" t JOIN "Service" s ON s.id = t."serviceId" JOIN "Stack" st ON st.id = s."stackId"
    JOIN "Project" p ON p.id = st."projectId"
  WHERE t."nodeId" = ${nodeId}::uuid AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
  ORDER BY t.id`;

/** What never changes of a revision is read once; its environment stays sealed wherever it is kept. */
const revisionRows = async (db: Tx, ids: string[], sources: Sources): Promise<Map<string, RevisionRow>> => {
  const [known, sealed] = await Promise.all([
    sources.revisionsOf(db, ids),
    db.$queryRaw<{ id: string; environment: string }[]>`
      SELECT id, "sealedEnvironment" AS environment FROM "Revision" WHERE id = ANY(${ids}::uuid[])`,
  ]);
  return new Map(
    sealed.flatMap(({ id, environment }) => {
      const revision = known.get(id);
      if (!revision) return [];
      const opened = JSON.parse(sources.unseal(environment, SEALED.environment(id)));
      const spec: ServiceSpec = { ...revision.spec, environment: opened };
      return [[id, { ...revision, spec }] as const];
    }),
  );
};

const fileContents = async (db: Tx, revisions: Iterable<RevisionRow>, unseal: Unseal) => {
  const pins = [...revisions].flatMap(({ filePins }) =>
    filePins.filter(({ kind }) => kind === 'config' || kind === 'secret'),
  );
  if (pins.length === 0) return new Map<string, string>();
  const rows = await db.storedFileVersion.findMany({
    where: { OR: pins.map(({ objectId, version }) => ({ fileId: objectId, version })) },
  });
  return new Map(
    rows.map((row) => [
      fileKey(row.fileId, row.version),
      unseal(row.sealed, SEALED.file(row.fileId, row.version)),
    ]),
  );
};

const volumeRows = async (db: Tx, tasks: DesiredTaskRow[]): Promise<DesiredRows['volumes']> => {
  const ids = tasks.flatMap(({ volumes }) => volumes.map(({ volumeId }) => volumeId));
  const rows = ids.length === 0 ? [] : await db.volume.findMany({ where: { id: { in: ids } } });
  return new Map(
    rows.map(({ id, engineName, driver, driverOptions }) => [
      id,
      { engineName, driver, driverOptions: driverOptions as Record<string, string> },
    ]),
  );
};

type Member = DesiredRows['members'][number] & { hostAddress: string };

const networkRows = async (db: Tx, tasks: DesiredTaskRow[]) => {
  const ids = [...new Set(tasks.flatMap(({ networks }) => networks.map(({ networkId }) => networkId)))];
  if (ids.length === 0) return { networks: [], gateways: [], members: [] };
  const [networks, gateways, members] = await Promise.all([
    db.$queryRaw<DesiredRows['networks']>`
      SELECT n.id, n.name, n.vni, n.subnet, n.internal, s.name AS "stackName"
      FROM "Network" n JOIN "Stack" s ON s.id = n."stackId" WHERE n.id = ANY(${ids}::uuid[]) ORDER BY n.id`,
    db.$queryRaw<DesiredRows['gateways']>`
      SELECT "networkId", "nodeId", address, mac FROM "Address"
      WHERE "networkId" = ANY(${ids}::uuid[]) AND "nodeId" IS NOT NULL`,
    db.$queryRaw<Member[]>`
      SELECT t.id AS "taskId", t."nodeId", t.networks, s.name AS service, st.name AS stack, n."hostAddress"
      FROM "Task" t JOIN "Service" s ON s.id = t."serviceId" JOIN "Stack" st ON st.id = s."stackId"
        JOIN "Node" n ON n.id = t."nodeId"
      WHERE t.id IN (SELECT "taskId" FROM "Address" WHERE "networkId" = ANY(${ids}::uuid[]))
        AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost') ORDER BY t.id`,
  ]);
  return { networks, gateways, members };
};

type StoredRegistry = Omit<RegistryRow, 'password'> & { id: string; sealedPassword: string | null };

const registryRows = async (db: Tx, hosts: string[], unseal: Unseal): Promise<RegistryRow[]> => {
  if (hosts.length === 0) return [];
  const rows = await db.$queryRaw<StoredRegistry[]>`
    SELECT r.id, r.host, p.path AS "projectPath", r.username, r."sealedPassword", r."caPem", r."plainHttp"
    FROM "Registry" r JOIN "Project" p ON p.id = r."projectId"
    WHERE r.host = ANY(${hosts}::text[]) AND r."removedAt" IS NULL ORDER BY r.id`;
  return rows.map(({ id, sealedPassword, ...row }) => ({
    ...row,
    password: sealedPassword ? unseal(sealedPassword, SEALED.registry(id)) : null,
  }));
};

/** Digests that an undo of these services could need and not pull again: what `keepsImage` of the planning says, as SQL. */
const imagesToKeep = async (db: Tx, serviceIds: string[]): Promise<string[]> => {
  const rows = await db.$queryRaw<{ digest: string }[]>`
    SELECT DISTINCT coalesce(pin->>'digest', pin->>'imageId') AS digest FROM (
      SELECT pin, spec, number, max(number) OVER (PARTITION BY "serviceId") AS newest
      FROM "Revision" WHERE "serviceId" = ANY(${serviceIds}::uuid[])
    ) AS revisions
    WHERE number > newest - ${KEPT_REVISIONS} OR pin->>'kind' = 'local' OR spec->>'pullPolicy' = 'never'
    ORDER BY digest`;
  return rows.map(({ digest }) => digest);
};

type OwnRow = DesiredRows['node'] & { clusterId: string; epoch: number };

const ownRow = (db: Tx, nodeId: string) => db.$queryRaw<OwnRow[]>`
  SELECT n.id, n.generation, n.availability, n."hostAddress", c.id AS "clusterId", c.epoch,
    coalesce((n.facts->'crossHostNetworks'->>'able')::boolean, false) AS "crossHost",
    coalesce(n.facts->'features', '[]'::jsonb) AS features
  FROM "Node" n, "Cluster" c WHERE n.id = ${nodeId}::uuid AND n."removedAt" IS NULL`;

/** Networks on which this node has an address: those its document names. */
const networksOf = async (db: Tx, nodeId: string): Promise<string[]> => {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT "networkId" AS id FROM "Address" WHERE "nodeId" = ${nodeId}::uuid`;
  return rows.map(({ id }) => id);
};

type Newest =
  | { kind: 'gone' }
  | { kind: 'current'; networkIds: string[] }
  | { kind: 'newer'; rows: DesiredRows };

/**
 * Everything a node's document is made of, when the newest one is newer than what its agent has. The generation is
 * read first: what is read after it can only be newer, and then a higher generation follows. Few questions, since a
 * deploy of many services makes many documents.
 */
export const loadNewest = async (db: Tx, nodeId: string, has: Order, sources: Sources): Promise<Newest> => {
  const [own] = await ownRow(db, nodeId);
  if (!own) return { kind: 'gone' };
  if (compareOrder(own, has) <= 0) return { kind: 'current', networkIds: await networksOf(db, nodeId) };
  return { kind: 'newer', rows: await rowsOf(db, own, sources) };
};

const rowsOf = async (db: Tx, own: OwnRow, sources: Sources): Promise<DesiredRows> => {
  const { unseal } = sources;
  const { clusterId, epoch, ...node } = own;
  const tasks = await taskRows(db, node.id);
  const revisionIds = [...new Set(tasks.map(({ revisionId }) => revisionId))];
  const [revisions, volumes, { members, ...nets }, keepImages] = await Promise.all([
    revisionRows(db, revisionIds, sources),
    volumeRows(db, tasks),
    networkRows(db, tasks),
    imagesToKeep(db, [...new Set(tasks.map(({ service }) => service.id))]),
  ]);
  const hosts = [...revisions.values()].flatMap(({ pin }) => (pin.kind === 'digest' ? [pin.registry] : []));
  const [files, registries] = await Promise.all([
    fileContents(db, revisions.values(), unseal),
    registryRows(db, [...new Set(hosts)], unseal),
  ]);
  return {
    clusterId,
    epoch,
    node,
    tasks,
    revisions,
    files,
    volumes,
    ...nets,
    members,
    hostAddresses: new Map(members.map((member) => [member.nodeId, member.hostAddress])),
    registries,
    keepImages,
  };
};
