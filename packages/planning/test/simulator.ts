import { type HostPort, isEnded, isFinal, type UpdatePolicy } from '@portreeve/domain';
import {
  type NewTask,
  type PlacementNode,
  planPlacement,
  planService,
  type RolloutView,
  roomMakers,
  type ServicePlan,
  type ServiceSnapshot,
  type TaskView,
} from '../src/index.ts';
import { node, request, revision, rollout, snapshot, task } from './samples.ts';

/** How the containers of a revision behave. */
export type Behaviour = 'good' | 'slow' | 'never ready' | 'crashes' | 'rejected' | 'dies for good';

export type Mode = 'replicated' | 'global';

/** Hosts that a revision may be on. */
export type Where = 'everywhere' | 'odd hosts';

export type Host = { id: string; mood: 'ready' | 'silent' | 'lost' | 'draining'; silentSince: number };

/** A small cluster with one service, advanced a second at a time. Nothing in it is random. */
export type World = {
  now: number;
  seen: ServiceSnapshot;
  hosts: Host[];
  behaviours: Map<string, Behaviour>;
  where: Map<string, Where>;
  made: number;
  wishes: Map<string, NewTask>;
  /** Where each task was ever placed. */
  homes: Map<string, string>;
  fixedPort: boolean;
  localVolume: boolean;
  /** Memory that each task reserves, of the 4 GiB of a host. */
  reservation: number;
  maxPerNode: number | undefined;
};

export const SECOND = 1_000;
const LEASE = 10;

export const newWorld = (options: {
  hosts: number;
  replicas: number;
  mode?: Mode;
  fixedPort?: boolean;
  localVolume?: boolean;
  reservation?: number;
  maxPerNode?: number | undefined;
}): World => ({
  now: 1_000 * SECOND,
  seen: snapshot({
    service: { replicas: options.replicas, mode: options.mode ?? 'replicated' },
    revisions: [revision('r1', {}, { mode: options.mode ?? 'replicated' })],
  }),
  hosts: Array.from({ length: options.hosts }, (_, i) => ({
    id: `n${i + 1}`,
    mood: 'ready',
    silentSince: 0,
  })),
  behaviours: new Map([['r1', 'good']]),
  where: new Map(),
  made: 0,
  wishes: new Map(),
  homes: new Map(),
  fixedPort: options.fixedPort ?? false,
  localVolume: options.localVolume ?? false,
  reservation: options.reservation ?? 0,
  maxPerNode: options.maxPerNode,
});

const hostOf = (world: World, id: string | undefined): Host | undefined =>
  world.hosts.find((host) => host.id === id);

/** Begins a rollout to a new revision, superseding one that has not ended. */
export const deploy = (
  world: World,
  behaviour: Behaviour,
  update: Partial<UpdatePolicy>,
  { mode = world.seen.service.mode, where = 'everywhere' }: { mode?: Mode; where?: Where } = {},
): void => {
  const id = `r${world.seen.revisions.length + 1}`;
  world.behaviours.set(id, behaviour);
  world.where.set(id, where);
  const back = revision(id, { ...update, failureAction: 'pause' }).update;
  world.seen.revisions = [...world.seen.revisions, { ...revision(id, update, { mode }), rollback: back }];
  roll(world, id);
};

/** Begins a rollout to a revision there is, superseding one that has not ended; a restart where it is on that one. */
export const roll = (world: World, toRevisionId: string): void => {
  const fromRevisionId = world.seen.service.currentRevisionId;
  world.made += 1;
  world.seen.rollout = rollout({
    ...{ id: `rollout ${world.made}`, fromRevisionId, toRevisionId, startedAt: world.now },
    ...(fromRevisionId === toRevisionId && { restartToken: 'again' }),
  });
  world.seen.service = {
    ...world.seen.service,
    desired: 'running',
    mode: modeOf(world, toRevisionId),
  };
};

const modeOf = ({ seen }: World, revisionId: string | undefined): Mode =>
  seen.revisions.find(({ id }) => id === revisionId)?.mode ?? seen.service.mode;

const mayBeOn = (world: World, revisionId: string | undefined, host: Host): boolean =>
  world.where.get(revisionId ?? '') !== 'odd hosts' || world.hosts.indexOf(host) % 2 === 0;

const portsOf = (world: World): HostPort[] => (world.fixedPort ? [{ port: 80, protocol: 'tcp' }] : []);

const placementNode = (world: World, host: Host): PlacementNode => {
  const here = world.seen.tasks.filter((t) => t.nodeId === host.id && !isFinal(t.state));
  return node(host.id, {
    state: host.mood === 'silent' ? 'unknown' : host.mood === 'lost' ? 'lost' : 'ready',
    availability: host.mood === 'draining' ? 'draining' : 'active',
    usedPorts: here.flatMap(() => portsOf(world)),
    reserved: { cpus: 0, memoryBytes: here.length * world.reservation, pids: 0 },
    tasksOfService: { web: here.length },
    taskCount: here.length,
  });
};

const change = (world: World, id: string, more: Partial<TaskView>): void => {
  world.seen.tasks = world.seen.tasks.map((t) => (t.id === id ? { ...t, ...more } : t));
};

const make = (world: World, wish: NewTask): void => {
  world.made += 1;
  const made = task(`t${world.made}`, {
    slot: wish.slot,
    revisionId: wish.revisionId,
    nodeId: undefined,
    node: 'none',
    state: 'pending',
    ready: false,
    hold: wish.hold,
    imageReady: false,
    createdAt: world.now,
    hasLocalVolume: world.localVolume,
    publishesHostPort: world.fixedPort,
    ...(wish.onlyNodeId !== undefined && { onlyNodeId: wish.onlyNodeId }),
    ...(wish.replaces !== undefined && { replaces: wish.replaces }),
  });
  world.wishes.set(made.id, wish);
  world.seen.tasks = [...world.seen.tasks, made];
};

/** Pending tasks get a node as soon as one fits. */
const placePending = (world: World, order: ServicePlan['order']): void => {
  for (const t of world.seen.tasks.filter(
    ({ state, desired }) => state === 'pending' && desired === 'running',
  )) {
    const wish = world.wishes.get(t.id);
    const replaced = world.homes.get(wish?.replaces ?? '');
    const [decision] = planPlacement(
      [
        request({
          slot: t.slot,
          avoidNodeIds: wish?.avoidNodeIds ?? [],
          ...(wish?.onlyNodeId !== undefined && { onlyNodeId: wish.onlyNodeId }),
          ...(world.localVolume &&
            wish?.onlyNodeId === undefined &&
            replaced !== undefined && { volumes: [{ name: 'data', nodeId: replaced }] }),
          ports: world.fixedPort ? [{ target: 80, from: 80, to: 80, protocol: 'tcp' }] : [],
          reservations: world.reservation > 0 ? { memoryBytes: world.reservation } : {},
          ...(world.maxPerNode !== undefined && { maxPerNode: world.maxPerNode }),
          freed: roomMakers(world.seen.tasks, t, { order, stop: [] }).flatMap(({ nodeId }) =>
            nodeId === undefined
              ? []
              : [{ nodeId, reserved: { memoryBytes: world.reservation }, ports: portsOf(world) }],
          ),
        }),
      ],
      world.hosts
        .filter((host) => mayBeOn(world, t.revisionId, host))
        .map((host) => placementNode(world, host)),
    );
    if (decision?.kind !== 'placed') continue;
    world.homes.set(t.id, decision.nodeId);
    change(world, t.id, { nodeId: decision.nodeId, node: 'ready', state: 'assigned' });
  }
};

const end = (world: World, { id, slot }: TaskView, state: TaskView['state']): void => {
  change(world, id, { state, ready: false, endedAt: world.now });
  if (state !== 'failed' && state !== 'rejected') return;
  const before = world.seen.slotFailures.find((f) => f.slot === slot)?.count ?? 0;
  world.seen.slotFailures = [
    ...world.seen.slotFailures.filter((f) => f.slot !== slot),
    { slot, count: before + 1, lastAt: world.now },
  ];
};

/** What a server does with a plan. */
export const commit = (world: World, plan: ServicePlan): void => {
  for (const id of plan.lose) change(world, id, { state: 'lost', ready: false, endedAt: world.now });
  for (const { taskId } of plan.stop) change(world, taskId, { desired: 'stopped' });
  for (const id of plan.release) change(world, id, { hold: false });
  for (const wish of plan.create) make(world, wish);
  placePending(world, plan.order);
  if (plan.rollout === undefined || world.seen.rollout === undefined) return;
  const { reason, currentRevisionId, ...changed } = plan.rollout;
  const rolled: RolloutView = { ...world.seen.rollout, ...changed };
  world.seen.rollout = changed.state === 'paused' ? { ...rolled, pausedReason: reason } : rolled;
  if (currentRevisionId !== undefined) world.seen.service.currentRevisionId = currentRevisionId;
  if (changed.state === 'rolling back' || changed.state === 'rolled back')
    world.seen.service.mode = modeOf(world, rolled.fromRevisionId);
};

const START_SECONDS: Record<Behaviour, number> = {
  good: 2,
  slow: 8,
  'never ready': 1_000_000,
  crashes: 2,
  rejected: 0,
  'dies for good': 3,
};

/** What a second brings to a task on a host that answers; nothing when it goes on as it is. */
const nextOf = (world: World, t: TaskView): Partial<TaskView> => {
  const behaviour = world.behaviours.get(t.revisionId) ?? 'good';
  if (t.desired === 'stopped') {
    const over = t.state === 'stopping' || t.state === 'assigned';
    return { state: over ? 'stopped' : 'stopping', ready: false };
  }
  if (!t.imageReady) {
    if (behaviour === 'rejected') return { state: 'rejected' };
    return { state: t.hold ? 'preparing' : 'starting', imageReady: true };
  }
  if (t.hold) return {};
  if (t.state !== 'running') return { state: 'running' };
  const age = (world.now - (t.lastFailureAt ?? t.createdAt)) / SECOND;
  if (behaviour === 'dies for good' && age > START_SECONDS[behaviour]) return { state: 'failed' };
  const again = { ready: false, attempts: t.attempts + 1, lastFailureAt: world.now };
  if ((behaviour === 'never ready' && age > 6) || (behaviour === 'crashes' && t.ready)) return again;
  if (t.ready || age < START_SECONDS[behaviour]) return {};
  return { ready: true, readySince: world.now, firstReadyAt: t.firstReadyAt ?? world.now };
};

const liveOn = (world: World, t: TaskView): void => {
  const next = nextOf(world, t);
  if (next.state !== undefined && isFinal(next.state)) end(world, t, next.state);
  else change(world, t.id, next);
  if (next.ready === true && world.behaviours.get(t.revisionId) !== 'crashes')
    world.seen.slotFailures = world.seen.slotFailures.filter((f) => f.slot !== t.slot);
};

/** A host's mood reaches its tasks; a silent one is lost when its lease ends. */
const watchHosts = (world: World): void => {
  for (const host of world.hosts)
    if (host.mood === 'silent' && world.now - host.silentSince >= LEASE * SECOND) host.mood = 'lost';
  world.seen.tasks = world.seen.tasks.map((t) => ({ ...t, node: hostOf(world, t.nodeId)?.mood ?? 'none' }));
  const { rollout: under, service } = world.seen;
  const nodesOf = (revisionId: string | undefined) =>
    world.hosts
      .filter((host) => host.mood === 'ready' && mayBeOn(world, revisionId, host))
      .map(({ id }) => id);
  const going = under !== undefined && !isEnded(under.state) ? under : undefined;
  world.seen.globalNodeIds = nodesOf(going?.toRevisionId ?? service.currentRevisionId);
  world.seen.backNodeIds = nodesOf(going?.fromRevisionId ?? service.currentRevisionId);
};

/** The container of a task dies and is not restarted. */
export const kill = (world: World, id: string): void => {
  const victim = world.seen.tasks.find((t) => t.id === id);
  if (victim !== undefined && !isFinal(victim.state) && victim.desired === 'running')
    end(world, victim, 'failed');
};

/** Forgets tasks that no plan may need: all but the last ended one of each slot. */
const forget = (world: World): void => {
  const ended = world.seen.tasks.filter((t) => isFinal(t.state));
  const kept = new Set(
    [...Map.groupBy(ended, (t) => t.slot).values()].map(
      (tasks) => tasks.toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))[0]?.id,
    ),
  );
  world.seen.tasks = world.seen.tasks.filter((t) => !isFinal(t.state) || kept.has(t.id));
};

/** One second passes: hosts, plan, commit, tasks. `check` sees the snapshot, the plan and what came of it. */
export const second = (
  world: World,
  check: (before: ServiceSnapshot, plan: ServicePlan, after: ServiceSnapshot) => void = () => {},
): ServicePlan => {
  watchHosts(world);
  const before = world.seen;
  world.seen = { ...before, service: { ...before.service } };
  const plan = planService(before, world.now);
  commit(world, plan);
  watchHosts(world);
  check(before, plan, world.seen);
  world.now += SECOND;
  for (const t of world.seen.tasks) {
    const mood = hostOf(world, t.nodeId)?.mood;
    if (t.state === 'pending' && t.desired === 'stopped') end(world, t, 'stopped');
    if (!isFinal(t.state) && (mood === 'ready' || mood === 'draining')) liveOn(world, t);
  }
  forget(world);
  return plan;
};

/** Lets seconds pass until a condition holds; false when it never does. */
export const until = (world: World, holds: (world: World) => boolean, seconds = 600): boolean => {
  for (let i = 0; i < seconds; i += 1) {
    if (holds(world)) return true;
    second(world);
  }
  return holds(world);
};

export const readySlots = (tasks: TaskView[]): number =>
  new Set(
    tasks
      .filter((t) => t.ready && t.desired === 'running' && (t.node === 'ready' || t.node === 'draining'))
      .map((t) => t.slot),
  ).size;
