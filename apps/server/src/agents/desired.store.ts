import type { Availability, ImagePin, NodeFacts, ServiceSpec } from '@portreeve/domain';
import { KEPT_REVISIONS } from '@portreeve/planning';
import type { Tx } from '../platform/db/database.ts';
import type { FilePin, TaskNetwork, TaskPort, TaskVolume } from '../stacks/rows.ts';
import { type DesiredRows, type DesiredTaskRow, fileKey, type RevisionRow } from './desired-document.ts';
import { SEALED } from './sealed.ts';

const FINAL = ['complete', 'stopped', 'failed', 'rejected', 'lost'];

type Unseal = (sealed: string, context: string) => string;

const taskRows = async (db: Tx, nodeId: string): Promise<DesiredTaskRow[]> => {
  const rows = await db.task.findMany({
    where: { nodeId, state: { notIn: FINAL } },
    include: {
      service: {
        select: {
          id: true,
          name: true,
          stack: { select: { id: true, name: true, project: { select: { id: true, path: true } } } },
        },
      },
    },
    orderBy: { id: 'asc' },
  });
  return rows.map((row) => ({
    id: row.id,
    slot: row.slot,
    desired: row.desired === 'stopped' ? 'stopped' : 'running',
    hold: row.hold,
    replacesContainer: row.replacesContainer,
    service: { id: row.service.id, name: row.service.name },
    stack: { id: row.service.stack.id, name: row.service.stack.name },
    project: row.service.stack.project,
    revisionId: row.revisionId,
    networks: row.networks as TaskNetwork[],
    ports: row.ports as TaskPort[],
    volumes: row.volumes as TaskVolume[],
  }));
};

const revisionRows = async (db: Tx, ids: string[], unseal: Unseal): Promise<Map<string, RevisionRow>> => {
  const rows = await db.revision.findMany({ where: { id: { in: ids } } });
  return new Map(
    rows.map((row) => {
      const environment: Record<string, string> = JSON.parse(
        unseal(row.sealedEnvironment, SEALED.environment(row.id)),
      );
      const spec: ServiceSpec = { ...(row.spec as ServiceSpec), environment };
      const revision = {
        id: row.id,
        number: row.number,
        spec,
        pin: row.pin as ImagePin,
        filePins: row.filePins as FilePin[],
      };
      return [row.id, revision] as const;
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

const networkRows = async (db: Tx, tasks: DesiredTaskRow[]) => {
  const ids = [...new Set(tasks.flatMap(({ networks }) => networks.map(({ networkId }) => networkId)))];
  if (ids.length === 0) return { networks: [], gateways: [], members: [] };
  const [networks, gateways, memberIds] = await Promise.all([
    db.network.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } }),
    db.address.findMany({ where: { networkId: { in: ids }, nodeId: { not: null } } }),
    db.address.findMany({
      where: { networkId: { in: ids }, taskId: { not: null } },
      select: { taskId: true },
    }),
  ]);
  const [stacks, members] = await Promise.all([
    db.stack.findMany({ where: { id: { in: networks.map(({ stackId }) => stackId) } } }),
    db.task.findMany({
      where: {
        id: { in: memberIds.flatMap(({ taskId }) => taskId ?? []) },
        nodeId: { not: null },
        state: { notIn: FINAL },
      },
      select: {
        id: true,
        nodeId: true,
        networks: true,
        service: { select: { name: true, stack: { select: { name: true } } } },
      },
      orderBy: { id: 'asc' },
    }),
  ]);
  const stackNames = new Map(stacks.map(({ id, name }) => [id, name]));
  return {
    networks: networks.map((row) => ({ ...row, stackName: stackNames.get(row.stackId) ?? '' })),
    gateways: gateways.map(({ networkId, nodeId, address, mac }) => ({
      networkId,
      nodeId: nodeId ?? '',
      address,
      mac,
    })),
    members: members.map((row) => ({
      taskId: row.id,
      nodeId: row.nodeId ?? '',
      service: row.service.name,
      stack: row.service.stack.name,
      networks: row.networks as TaskNetwork[],
    })),
  };
};

const registryRows = async (db: Tx, hosts: string[], unseal: Unseal): Promise<DesiredRows['registries']> => {
  const rows =
    hosts.length === 0 ? [] : await db.registry.findMany({ where: { host: { in: hosts }, removedAt: null } });
  const projects = await db.project.findMany({
    where: { id: { in: rows.map(({ projectId }) => projectId) } },
  });
  const paths = new Map(projects.map(({ id, path }) => [id, path]));
  return rows.flatMap((row) => {
    const projectPath = paths.get(row.projectId);
    if (!projectPath) return [];
    const password = row.sealedPassword && unseal(row.sealedPassword, SEALED.registry(row.id));
    const { host, username, caPem, plainHttp } = row;
    return [{ host, projectPath, username, password: password || null, caPem, plainHttp }];
  });
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

/**
 * Everything a node's document is made of; undefined for a node that is gone. The generation is read first: what is
 * read after it can only be newer, and then a higher generation follows.
 */
export const loadDesired = async (
  db: Tx,
  nodeId: string,
  unseal: Unseal,
): Promise<DesiredRows | undefined> => {
  const node = await db.node.findUnique({ where: { id: nodeId } });
  const cluster = await db.cluster.findFirst();
  if (!node || node.removedAt || !cluster) return undefined;
  const tasks = await taskRows(db, nodeId);
  const revisionIds = [...new Set(tasks.map(({ revisionId }) => revisionId))];
  const [revisions, volumes, nets, keepImages] = await Promise.all([
    revisionRows(db, revisionIds, unseal),
    volumeRows(db, tasks),
    networkRows(db, tasks),
    imagesToKeep(db, [...new Set(tasks.map(({ service }) => service.id))]),
  ]);
  const hosts = [...revisions.values()].flatMap(({ pin }) => (pin.kind === 'digest' ? [pin.registry] : []));
  const [files, registries, addresses] = await Promise.all([
    fileContents(db, revisions.values(), unseal),
    registryRows(db, [...new Set(hosts)], unseal),
    db.node.findMany({
      where: { id: { in: nets.members.map((member) => member.nodeId) } },
      select: { id: true, hostAddress: true },
    }),
  ]);
  return {
    clusterId: cluster.id,
    epoch: cluster.epoch,
    node: {
      id: node.id,
      generation: node.generation,
      availability: node.availability as Availability,
      hostAddress: node.hostAddress,
      crossHost: (node.facts as NodeFacts | null)?.crossHostNetworks.able ?? false,
    },
    tasks,
    revisions,
    files,
    volumes,
    ...nets,
    hostAddresses: new Map(addresses.map(({ id, hostAddress }) => [id, hostAddress])),
    registries,
    keepImages,
  };
};

type NewestOrder = { epoch: number; generation: number; networkIds: string[] };

/** What the newest document of a node would be numbered, and the networks it would name; undefined for a node that is gone. */
export const newestOrder = async (db: Tx, nodeId: string): Promise<NewestOrder | undefined> => {
  const [row] = await db.$queryRaw<NewestOrder[]>`
    SELECT c.epoch, n.generation, array(SELECT DISTINCT a."networkId"::text FROM "Address" a WHERE a."nodeId" = n.id)
      AS "networkIds"
    FROM "Node" n, "Cluster" c WHERE n.id = ${nodeId}::uuid AND n."removedAt" IS NULL`;
  return row;
};
