import {
  type Constraint,
  MOST_REPLICAS,
  type Resources,
  type RestartPolicy,
  type UpdatePolicy,
} from '@portreeve/domain';
import { itemsOf, member, memberAt, type Spot, wrong } from '../tree.ts';
import {
  asBoolean,
  asBytes,
  asDuration,
  asIntegerIn,
  asNumber,
  asOneOf,
  asText,
  present,
  shown,
  textSpots,
} from '../values.ts';
import { labelsOf } from './pairs.ts';
import type { SpecPart } from './world.ts';

/** Mode, placement, resources, update and restart policies: `deploy` and the older keys that say the same. */
export const readDeploy = (service: Spot): SpecPart => {
  const deploy = member(service, 'deploy');
  const ours = member(service, 'x-portreeve');
  const gateEachBatch = asBoolean(member(ours, 'gate_each_batch')) ?? false;
  const placement = member(deploy, 'placement');
  return {
    ...present({
      mode: asOneOf(member(deploy, 'mode'), ['replicated', 'global'] as const),
      strategy: asOneOf(member(ours, 'strategy'), ['spread', 'binpack'] as const),
      maxPerNode: asIntegerIn(member(placement, 'max_replicas_per_node'), 0) || undefined,
      restart: readRestart(service),
    }),
    serviceLabels: labelsOf(member(deploy, 'labels')),
    constraints: textSpots(member(placement, 'constraints')).flatMap(readConstraint),
    spreadOver: itemsOf(member(placement, 'preferences')).flatMap(readPreference),
    ...readResources(service),
    update: { ...readChange(member(deploy, 'update_config')), gateEachBatch },
    rollback: readChange(member(deploy, 'rollback_config')),
  };
};

/** The number of tasks, only where the file names it. */
export const readReplicas = (service: Spot): number | undefined => {
  const replicasAt = memberAt(service, 'deploy', 'replicas');
  const scaleAt = member(service, 'scale');
  const asReplicas = (at: Spot | undefined) => asIntegerIn(at, 0, MOST_REPLICAS);
  const replicas = sameOf(asReplicas(replicasAt), asReplicas(scaleAt), scaleAt, 'deploy.replicas');
  const named = replicasAt ?? scaleAt;
  if (named && asText(memberAt(service, 'deploy', 'mode')) === 'global') {
    wrong(named, 'A global service has one task on each node and no replicas; remove one of the two.');
  }
  return replicas;
};

/** Two keys that say the same must not differ. */
const sameOf = (
  value: number | undefined,
  older: number | undefined,
  olderAt: Spot | undefined,
  key: string,
): number | undefined => {
  if (olderAt && older !== undefined && value !== undefined && value !== older) {
    wrong(olderAt, `This differs from ${key}; remove one of them.`);
  }
  return value ?? older;
};

const CONSTRAINT = /^(\S+?)\s*(==|!=)\s*(\S(?:.*\S)?)$/;
const LABEL = /^(node|engine)\.labels\.[A-Za-z0-9][\w./-]*$/;
const FACTS = new Set(['node.id', 'node.hostname', 'node.platform.os', 'node.platform.arch']);

const readConstraint = ({ text, at }: { text: string; at: Spot }): Constraint[] => {
  const [, key, operator, value] = CONSTRAINT.exec(text.trim()) ?? [];
  if (key === undefined || (operator !== '==' && operator !== '!=') || value === undefined) {
    wrong(at, `“${shown(text)}” is no constraint; write it like node.labels.zone == a.`);
    return [];
  }
  if (key === 'node.role') {
    wrong(at, 'There are no managers and workers; give the nodes a label and write node.labels.… == ….');
    return [];
  }
  if (FACTS.has(key) || LABEL.test(key)) return [{ key, operator, value }];
  wrong(
    at,
    `Nothing is known as ${shown(key)}; use ${[...FACTS].join(', ')}, node.labels.… or engine.labels.….`,
  );
  return [];
};

const readPreference = (item: Spot): string[] => {
  const at = member(item, 'spread');
  const key = asText(at);
  if (at === undefined || key === undefined) return [];
  if (LABEL.test(key)) return [key];
  wrong(
    at,
    `Tasks spread over labels only; write node.labels.… or engine.labels.… instead of “${shown(key)}”.`,
  );
  return [];
};

/** What every engine refuses to go below. */
const LEAST_MEMORY = 6 * 1024 * 1024;

const readResources = (service: Spot): { limits: Resources; reservations: Resources } => {
  const limits = memberAt(service, 'deploy', 'resources', 'limits');
  const reserved = memberAt(service, 'deploy', 'resources', 'reservations');
  const same = (
    section: Spot | undefined,
    key: string,
    older: string,
    read: (spot: Spot | undefined) => number | undefined,
  ) => {
    const olderAt = member(service, older);
    return sameOf(read(member(section, key)), read(olderAt), olderAt, `${section?.path ?? ''}.${key}`);
  };
  const memoryAt = member(limits, 'memory') ?? member(service, 'mem_limit');
  const memoryBytes = same(limits, 'memory', 'mem_limit', asBytes);
  const reservedBytes = same(reserved, 'memory', 'mem_reservation', asBytes);
  if (memoryAt && memoryBytes !== undefined && memoryBytes < LEAST_MEMORY)
    wrong(memoryAt, 'No container starts with so little memory; give it at least 6m.');
  if (memoryAt && memoryBytes !== undefined && (reservedBytes ?? 0) > memoryBytes)
    wrong(memoryAt, 'More memory is reserved than this limit allows; raise it, or reserve less.');
  return {
    limits: present({
      cpus: same(limits, 'cpus', 'cpus', asCores),
      memoryBytes,
      pids: same(limits, 'pids', 'pids_limit', asPids),
    }),
    reservations: present({
      cpus: asCores(member(reserved, 'cpus')),
      memoryBytes: reservedBytes,
      pids: asPids(member(reserved, 'pids')),
    }),
  };
};

const asCores = (at: Spot | undefined): number | undefined => {
  const cores = asNumber(at);
  if (at && cores !== undefined && cores < 0)
    wrong(at, 'A number of cores is not negative; write it like 0.5.');
  return cores || undefined;
};

/** Zero and -1 mean no limit, as in the engine. */
const asPids = (at: Spot | undefined): number | undefined => {
  const pids = asIntegerIn(at, -1);
  return pids !== undefined && pids > 0 ? pids : undefined;
};

const readChange = (at: Spot | undefined): Partial<UpdatePolicy> => {
  const ratioAt = member(at, 'max_failure_ratio');
  const maxFailureRatio = asNumber(ratioAt);
  if (ratioAt && maxFailureRatio !== undefined && (maxFailureRatio < 0 || maxFailureRatio > 1)) {
    wrong(ratioAt, 'A failure ratio lies between 0 and 1; write it like 0.2.');
  }
  return present({
    parallelism: asIntegerIn(member(at, 'parallelism'), 0),
    delayMs: asDuration(member(at, 'delay')),
    order: asOneOf(member(at, 'order'), ['stop-first', 'start-first'] as const),
    monitorMs: asDuration(member(at, 'monitor')),
    maxFailureRatio,
    failureAction: readFailureAction(at),
  });
};

const readFailureAction = (at: Spot | undefined): UpdatePolicy['failureAction'] | undefined => {
  const isRollback = at?.path.endsWith('.rollback_config');
  const actions = ['pause', 'continue', 'rollback'] as const;
  return asOneOf(member(at, 'failure_action'), isRollback ? (['pause', 'continue'] as const) : actions);
};

const readRestart = (service: Spot): Partial<RestartPolicy> | undefined => {
  const policy = memberAt(service, 'deploy', 'restart_policy');
  const restart = member(service, 'restart');
  if (policy && restart)
    wrong(restart, 'restart and deploy.restart_policy say the same; remove one of them.');
  if (policy) {
    return present({
      condition: asOneOf(member(policy, 'condition'), ['none', 'on-failure', 'any'] as const),
      delayMs: asDuration(member(policy, 'delay')),
      maxAttempts: asIntegerIn(member(policy, 'max_attempts'), 0),
      windowMs: asDuration(member(policy, 'window')),
    });
  }
  return restart && readOlderRestart(restart);
};

const readOlderRestart = (at: Spot): Partial<RestartPolicy> | undefined => {
  const text = asText(at) ?? '';
  const [, attempts] = /^on-failure(?::(\d{1,9}))?$/.exec(text) ?? [];
  if (text === 'no' || text === 'false') return { condition: 'none' };
  if (text === 'always' || text === 'unless-stopped') return { condition: 'any' };
  if (text.startsWith('on-failure') && (attempts !== undefined || text === 'on-failure')) {
    return { condition: 'on-failure', ...(attempts && { maxAttempts: Number(attempts) }) };
  }
  wrong(
    at,
    `“${shown(text)}” is no restart policy; write "no", always, on-failure, on-failure:3 or unless-stopped.`,
  );
  return undefined;
};
