import type { AssignedTask, DesiredDocument, TaskReport } from '@portreeve/agent-protocol';
import { isFinal } from '@portreeve/domain';
import { engineMessage } from '../engine/call.ts';
import type { Engine } from '../engine/engine.ts';
import { type EngineEvent, eventInWords } from '../engine/events.ts';
import type { SeenContainer } from '../engine/seen.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { steadyNow } from '../steady.ts';
import { actor } from './act.ts';
import type { Outage, TaskContext } from './context.ts';
import { decide } from './decide.ts';
import { startDriver } from './driver.ts';
import { publisher } from './publisher.ts';
import { newRecord, type TaskRecord } from './record.ts';
import { rememberedFaults } from './restart.ts';
import { sightings } from './sightings.ts';
import { reportStrangers, takeBack } from './take-back.ts';

export type Reconciler = {
  /** A newer document, already on disk. */
  setDocument(doc: DesiredDocument): void;
  onList(engine: Engine, containers: SeenContainer[]): void;
  onEvent(event: EngineEvent): void;
  onEngineDown(reason: string): void;
  reports(): TaskReport[];
  ready(): ReadonlySet<string>;
  /** The container of a task's latest attempt, ours by label and by record. */
  containerOf(taskId: string): SeenContainer | undefined;
  running(): SeenContainer[];
  /** The task a container belongs to, by label and by record. */
  taskOf(containerId: string): string | undefined;
};

type Dependencies = Omit<
  TaskContext,
  'engine' | 'doc' | 'containers' | 'outage' | 'publish' | 'networksReady' | 'event'
> & {
  doc: DesiredDocument | undefined;
  /** Told whenever the set of ready tasks on this host changes. */
  onReady(ready: ReadonlySet<string>): void;
  onForgotten(): void;
};

/** Drives every task of this host towards the newest document: one thing at a time per task, many tasks at once. */
export const startReconciler = (deps: Dependencies): Reconciler => {
  const { book } = deps;
  const seen = sightings(book);
  let assigned = new Map<string, AssignedTask>();
  let doc = deps.doc;
  let engine: Engine | undefined;
  let listed = false;
  let outage: Outage | undefined;
  let downSince: number | undefined;

  const told = publisher({
    book,
    outbox: deps.outbox,
    bootedAt: deps.bootedAt,
    assigned: (taskId) => assigned.get(taskId),
    container: seen.latest,
    listed: () => listed,
    onReady: deps.onReady,
  });
  const { publish } = told;

  const context: TaskContext = {
    ...deps,
    containers: seen.containers,
    publish,
    engine: () => {
      if (!engine) throw new Error('the engine does not answer');
      return engine;
    },
    outage: () => outage,
    doc: () => {
      if (!doc) throw new Error('there is no desired document yet');
      return doc;
    },
    networksReady: () => {
      const present = context.doc();
      return deps.networks.ensure(present.networks, present);
    },
    event: (event) => deps.outbox.event({ at: new Date().toISOString(), ok: true, ...event }),
  };
  const { act, cancelPull, pulling } = actor(context);

  const recordOf = (taskId: string): TaskRecord | undefined => {
    const present = book.records.get(taskId);
    if (present || !assigned.has(taskId)) return present;
    const made = newRecord(taskId, Date.now());
    book.records.set(taskId, made);
    return made;
  };

  /** A container that was made just before a crash belongs to the attempt that was written down for it (SPEC.md, T5). */
  const bind = (record: TaskRecord): void => {
    const last = record.attempts.at(-1);
    if (!last || last.containerId !== undefined || last.exit) return;
    last.containerId = seen.of(record.taskId).find((one) => one.attempt === last.attempt)?.id;
  };

  const turn = async (taskId: string): Promise<void> => {
    for (;;) {
      const record = recordOf(taskId);
      if (!record || !doc) return;
      if (!engine) {
        if (record.attempts.length === 0) record.reason = 'the engine of this host does not answer';
        return publish(record);
      }
      bind(record);
      const task = assigned.get(taskId);
      if (task) record.faults = rememberedFaults(task.spec.restart, record);
      const action = decide({ assigned: task, record, containers: seen.of(taskId), now: steadyNow() });
      publish(record);
      if (action.do === 'wait') {
        if (action.until !== undefined) driveAt(taskId, action.until);
        return;
      }
      await act(record, task, action);
      if (action.do === 'forget') {
        told.forget(taskId);
        return deps.onForgotten();
      }
      publish(record);
    }
  };

  const { drive, driveAt } = startDriver({
    turn,
    onFailed: (taskId, error) => {
      const record = book.records.get(taskId);
      if (!record || isFinal(record.state)) return;
      record.reason = engineMessage(error);
      publish(record);
    },
  });

  /** Ends on other hosts come and go without any task of this one. */
  const tendNetworks = (): void => {
    if (!doc || !engine) return;
    context
      .networksReady()
      .catch((error) => log.warn({ error: messageOf(error) }, 'the networks were not put right'));
  };

  const driveAll = (): void => {
    if (doc && listed) takeBack(context, (taskId) => assigned.has(taskId));
    tendNetworks();
    for (const taskId of new Set([...assigned.keys(), ...book.records.keys()])) drive(taskId);
  };

  const adopt = (next: DesiredDocument): void => {
    doc = next;
    assigned = new Map(next.tasks.map((task) => [task.taskId, task]));
    for (const taskId of pulling()) if (assigned.get(taskId)?.desired !== 'running') cancelPull(taskId);
  };
  if (doc) adopt(doc);

  return {
    setDocument: (next) => {
      adopt(next);
      driveAll();
    },
    onList: (current, list) => {
      if (downSince !== undefined) outage = { from: downSince, to: Date.now() };
      downSince = undefined;
      engine = current;
      seen.replace(list);
      const first = !listed;
      listed = true;
      driveAll();
      if (first) reportStrangers(context, (one) => assigned.has(one.taskId) || book.records.has(one.taskId));
    },
    onEvent: (event) => {
      const taskId = seen.apply(event);
      if (taskId === undefined) return;
      const text = eventInWords(event);
      if (text !== undefined) context.event({ kind: 'engine-event', taskId, text });
      // Reported at once, even while an action of this task is under way.
      const record = book.records.get(taskId);
      if (record) publish(record);
      drive(taskId);
    },
    onEngineDown: (reason) => {
      if (engine) context.event({ kind: 'agent', text: `the engine is away: ${reason}`, ok: false });
      downSince ??= Date.now();
      engine = undefined;
    },
    reports: told.reports,
    ready: () => told.ready,
    containerOf: (taskId) => {
      const record = book.records.get(taskId);
      return record && seen.latest(record);
    },
    running: () => [...seen.containers.values()].filter((one) => one.state === 'running' && seen.isOurs(one)),
    taskOf: (containerId) => {
      const container = seen.containers.get(containerId);
      return container && seen.isOurs(container) ? container.taskId : undefined;
    },
  };
};
