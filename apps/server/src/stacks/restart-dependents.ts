import { admitSpec } from '../admission/admit-spec.ts';
import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { beginRollout, changeService, type ServiceChange } from './change.store.ts';
import {
  type FullRevision,
  getRevision,
  getService,
  restartingServices,
  type ServiceTarget,
  targetId,
} from './service-target.store.ts';

type Dependent = { service: ServiceTarget; revision: FullRevision };

/** Those that ask to be restarted with `name`, then those that ask with these, each once. */
const inOrder = (name: string, all: readonly Dependent[]): (Dependent & { cause: string })[] => {
  const found: (Dependent & { cause: string })[] = [];
  const causes = [name];
  for (const cause of causes)
    for (const one of all) {
      const { dependsOn } = one.revision.spec;
      const asks = dependsOn.some(({ service, restart }) => restart && service === cause);
      if (!asks || causes.includes(one.service.name)) continue;
      causes.push(one.service.name);
      found.push({ ...one, cause });
    }
  return found;
};

/**
 * Begins a restart of every running service that asks, by `restart: true` in its `depends_on`, to be restarted with one
 * that is rolled now, and of those that ask with them. Their rollouts wait for the ones they depend on to end.
 */
export const restartDependents = async (
  tx: Tx,
  keys: ClusterKeys,
  { ctx, service: rolled }: Pick<ServiceChange, 'ctx' | 'service'>,
  now: Date,
  except: ReadonlySet<string> = new Set([rolled.id]),
): Promise<void> => {
  const ids = await restartingServices(tx, rolled.stack.id);
  const all: Dependent[] = [];
  // One after the other: a transaction has one connection.
  for (const id of ids.filter((one) => !except.has(one))) {
    const service = await getService(tx, id);
    all.push({ service, revision: await getRevision(tx, keys, targetId(service)) });
  }
  for (const { service, revision, cause } of inOrder(rolled.name, all)) {
    await admitSpec(tx, ctx, service, revision);
    const change: ServiceChange = {
      ...{ ctx, service, action: 'service.restart', detail: { with: cause } },
      text: `restarted ${service.name}, which is restarted with ${cause}`,
    };
    await changeService(tx, change, {}, now);
    await beginRollout(tx, change, { revisionId: revision.id, cause: 'restart', restart: true }, now);
  }
};
