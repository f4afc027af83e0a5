import type { AssignedTask, DesiredDocument, TaskReport } from '@portreeve/agent-protocol';
import { isFinal } from '@portreeve/domain';
import { engineMessage } from '../engine/call.ts';
import type { Engine } from '../engine/engine.ts';
import { afterEvent, type EngineEvent } from '../engine/events.ts';
import { LABEL, type SeenContainer } from '../engine/seen.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { launch, startContainer } from './actions/launch.ts';
import { pull } from './actions/pull.ts';
import { endReplaced } from './actions/replace.ts';
import { recordFailedStart, settle } from './actions/settle.ts';
import { discard, forget, stop } from './actions/stop.ts';
import type { Outage, TaskContext } from './context.ts';
import { type Action, decide } from './decide.ts';
import { limit } from './limit.ts';
import { publisher } from './publisher.ts';
import { sharedPulls } from './pulls.ts';
import { type AttemptRecord, newRecord, type TaskRecord } from './record.ts';
import { timers } from './timers.ts';

const RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
const STARTS_AT_ONCE = 32;

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
  const containers = new Map<string, SeenContainer>();
  const busy = new Set<string>();
  const again = new Set<string>();
  /** Steps in a row that failed, per task. */
  const failures = new Map<string, number>();
  const aborts = new Map<string, AbortController>();
  const later = timers((taskId) => void drive(taskId));
  const starting = limit(STARTS_AT_ONCE);
  let assigned = new Map<string, AssignedTask>();
  let doc = deps.doc;
  let engine: Engine | undefined;
  let listed = false;
  let outage: Outage | undefined;
  let downSince: number | undefined;

  const currentEngine = (): Engine => {
    if (!engine) throw new Error('the engine does not answer');
    return engine;
  };
  const pulls = sharedPulls(currentEngine);

  const containersOf = (taskId: string): SeenContainer[] =>
    [...containers.values()].filter((one) => one.taskId === taskId);

  const isOurs = (container: SeenContainer): boolean =>
    book.records.get(container.taskId)?.attempts.some((one) => one.containerId === container.id) ?? false;

  const latest = (record: TaskRecord): SeenContainer | undefined => {
    const last = record.attempts.at(-1);
    return last?.containerId === undefined ? undefined : containers.get(last.containerId);
  };

  const told = publisher({
    book,
    outbox: deps.outbox,
    bootedAt: deps.bootedAt,
    assigned: (taskId) => assigned.get(taskId),
    container: latest,
    listed: () => listed,
    onReady: deps.onReady,
  });
  const { publish } = told;

  const context: TaskContext = {
    ...deps,
    containers,
    publish,
    engine: currentEngine,
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

  const attemptOf = (record: TaskRecord, attempt: number): AttemptRecord => {
    const found = record.attempts.find((one) => one.attempt === attempt);
    if (!found) throw new Error(`task ${record.taskId} has no attempt ${attempt}`);
    return found;
  };

  const startAgain = async (record: TaskRecord, attempt: AttemptRecord): Promise<void> => {
    try {
      await startContainer(context, record, attempt);
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === undefined) throw error;
      await recordFailedStart(context, record, attempt, engineMessage(error));
    }
  };

  const act = async (record: TaskRecord, action: Exclude<Action, { do: 'wait' }>): Promise<void> => {
    const task = assigned.get(record.taskId);
    switch (action.do) {
      case 'pull': {
        const abort = new AbortController();
        aborts.set(record.taskId, abort);
        const work = { record, assigned: task, signal: abort.signal };
        return pull(context, pulls, work, task as AssignedTask).finally(() => aborts.delete(record.taskId));
      }
      case 'launch':
        return starting(() => launch(context, record, task as AssignedTask, action.attempt));
      case 'start':
        return startAgain(record, attemptOf(record, action.attempt));
      case 'stop':
        return stop(context, record, attemptOf(record, action.attempt), action.by);
      case 'settle':
        return settle(context, record, attemptOf(record, action.attempt));
      case 'discard':
        return discard(context, record, action.containerId);
      case 'end-replaced':
        return endReplaced(context, record, action.restart);
      case 'finish':
        record.state = action.state;
        record.reason = action.reason;
        record.ready = false;
        return book.save();
      case 'forget':
        await forget(context, record);
        told.forget(record.taskId);
        return deps.onForgotten();
    }
  };

  const recordOf = (taskId: string): TaskRecord | undefined => {
    const present = book.records.get(taskId);
    const task = assigned.get(taskId);
    if (present || !task) return present;
    const made = newRecord(taskId, Date.now());
    book.records.set(taskId, made);
    return made;
  };

  /** A container that was made just before a crash belongs to the attempt that was written down for it (SPEC.md, T5). */
  const bind = (record: TaskRecord): void => {
    const last = record.attempts.at(-1);
    if (!last || last.containerId !== undefined || last.exit) return;
    last.containerId = containersOf(record.taskId).find((one) => one.attempt === last.attempt)?.id;
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
      const now = Date.now();
      const action = decide({
        assigned: assigned.get(taskId),
        record,
        containers: containersOf(taskId),
        now,
      });
      publish(record);
      if (action.do === 'wait') {
        if (action.until !== undefined) later.at(taskId, action.until);
        return;
      }
      await act(record, action);
      if (book.records.has(taskId)) publish(record);
    }
  };

  const drive = async (taskId: string): Promise<void> => {
    if (busy.has(taskId)) {
      again.add(taskId);
      return;
    }
    busy.add(taskId);
    try {
      do {
        again.delete(taskId);
        await turn(taskId);
      } while (again.has(taskId));
      failures.delete(taskId);
    } catch (error) {
      const failed = (failures.get(taskId) ?? 0) + 1;
      failures.set(taskId, failed);
      const wait = Math.min(LAST_RETRY_MS, RETRY_MS * 2 ** Math.min(failed, 10));
      log.warn({ taskId, error: messageOf(error), waitMs: wait }, 'a step failed and is tried again');
      const record = book.records.get(taskId);
      if (record && !isFinal(record.state)) {
        record.reason = engineMessage(error);
        publish(record);
      }
      later.at(taskId, Date.now() + wait);
    } finally {
      busy.delete(taskId);
    }
  };

  /** Ends on other hosts come and go without any task of this one. */
  const tendNetworks = (): void => {
    if (!doc || !engine) return;
    context
      .networksReady()
      .catch((error) => log.warn({ error: messageOf(error) }, 'the networks were not put right'));
  };

  const driveAll = (): void => {
    tendNetworks();
    for (const taskId of new Set([...assigned.keys(), ...book.records.keys()])) void drive(taskId);
  };

  /** The record was lost, the document was not: containers that it vouches for are taken back (SPEC.md, T6). */
  const takeBack = (): void => {
    if (!book.fresh || !doc) return;
    book.fresh = false;
    for (const container of containers.values()) {
      if (!assigned.has(container.taskId) || container.attempt < 1) continue;
      const record = book.records.get(container.taskId) ?? newRecord(container.taskId, Date.now());
      const { id: containerId, attempt, name } = container;
      record.imageReady = true;
      record.state = 'starting';
      record.attempts = [...record.attempts, { attempt, name, containerId, launchedAt: Date.now() }].sort(
        (a, b) => a.attempt - b.attempt,
      );
      book.records.set(record.taskId, record);
      context.event({ kind: 'agent', taskId: record.taskId, text: `took back the container ${name}` });
    }
  };

  const reportStrangers = (): void => {
    for (const container of containers.values()) {
      if (assigned.has(container.taskId) || book.records.has(container.taskId)) continue;
      const text = `container ${container.name} carries our label and is not in this host's record: it is left alone`;
      context.event({ kind: 'agent', text, ok: false });
    }
  };

  const adopt = (next: DesiredDocument): void => {
    doc = next;
    assigned = new Map(next.tasks.map((task) => [task.taskId, task]));
    for (const [taskId, abort] of aborts)
      if (assigned.get(taskId)?.desired !== 'running') abort.abort(new Error('the task is no longer wanted'));
  };
  if (doc) adopt(doc);

  return {
    setDocument: (next) => {
      adopt(next);
      if (engine) takeBack();
      driveAll();
    },
    onList: (current, list) => {
      if (downSince !== undefined) outage = { from: downSince, to: Date.now() };
      downSince = undefined;
      const first = !listed;
      engine = current;
      listed = true;
      const killed = new Set(
        [...containers.values()].filter((one) => one.killedOutside).map((one) => one.id),
      );
      containers.clear();
      for (const one of list) containers.set(one.id, { ...one, killedOutside: killed.has(one.id) });
      takeBack();
      if (first) reportStrangers();
      driveAll();
    },
    onEvent: (event) => {
      const { ID, Attributes } = event.Actor;
      const taskId = Attributes[LABEL.task];
      if (!taskId) return;
      const record = book.records.get(taskId);
      const asked = record?.attempts.some((one) => one.containerId === ID && one.stopAsked) ?? false;
      const after = afterEvent(containers.get(ID), event, asked);
      if (after) containers.set(ID, after);
      else containers.delete(ID);
      if (event.Action === 'die' || event.Action === 'oom' || event.Action.startsWith('health_status'))
        context.event({ kind: 'engine-event', taskId, text: eventText(event) });
      // Reported at once, even while an action of this task is under way.
      if (record) publish(record);
      void drive(taskId);
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
      return record && latest(record);
    },
    running: () => [...containers.values()].filter((one) => one.state === 'running' && isOurs(one)),
    taskOf: (containerId) => {
      const container = containers.get(containerId);
      return container && isOurs(container) ? container.taskId : undefined;
    },
  };
};

const eventText = (event: EngineEvent): string => {
  const { name, exitCode } = event.Actor.Attributes;
  return exitCode === undefined
    ? `${event.Action} ${name}`
    : `${event.Action} ${name}, exit code ${exitCode}`;
};
