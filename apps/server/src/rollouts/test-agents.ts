import { AGENT_FEATURES, FINAL_TASK_STATES, isFinal, NodeFacts, type TaskState } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { publishChange } from '../live/changes.ts';
import type { Database } from '../platform/db/database.ts';

/**
 * For tests: hosts in the database, and what their agents would report, written into the rows as reports are. No
 * engine, no socket; everything else is real.
 */
export type FakeAgents = {
  addNode(name: string, more?: { labels?: Record<string, string>; cpus?: number }): Promise<string>;
  /** Every assigned task does what its desired state asks for, at once. Answers how many moved. */
  obey(
    outcome?: (task: { id: string; slot: number; revisionId: string }) => 'ready' | 'failed',
  ): Promise<number>;
  setTask(id: string, state: TaskState, ready: boolean): Promise<void>;
};

const factsOf = (name: string, cpus: number): NodeFacts =>
  NodeFacts.parse({
    hostname: name,
    os: 'debian',
    osVersion: '12',
    kernel: '6.1',
    architecture: 'amd64',
    bootId: '1',
    agentVersion: '0.1.0',
    capacity: { cpus, memoryBytes: 8 * 2 ** 30, pids: 32_768 },
    engine: { reachable: true, name: 'engine', version: '29.0.0', apiVersion: '1.52', labels: {} },
    crossHostNetworks: { able: true },
    features: Object.keys(AGENT_FEATURES),
  });

export const createFakeAgents = (database: Database): FakeAgents => {
  const { prisma } = database;
  const write = async (id: string, serviceId: string, data: object): Promise<void> => {
    await database.transaction(async (tx) => {
      await tx.task.update({ where: { id }, data });
      await publishChange(tx, { kind: 'task', ids: [id, serviceId] });
    });
  };
  const moved = (state: TaskState, ready: boolean) => {
    const now = new Date();
    return {
      state,
      ready,
      stateAt: now,
      ...(ready && { readyAt: now, firstReadyAt: now }),
      unreadyAt: ready || state !== 'running' ? null : now,
      ...(state === 'running' && { startedAt: now, imageReady: true, attempts: 1 }),
      ...(isFinal(state) && { endedAt: now }),
    };
  };
  return {
    addNode: async (name, { labels = {}, cpus = 4 } = {}) => {
      const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
      const id = uuid();
      const facts = factsOf(name, cpus);
      await prisma.node.create({
        data: {
          id,
          projectId: root.id,
          name,
          state: 'ready',
          labels,
          facts,
          hostAddress: '10.0.0.1',
          leaseUntil: null,
        },
      });
      await publishChange(prisma, { kind: 'node', ids: [id] });
      return id;
    },
    obey: async (outcome = () => 'ready') => {
      const tasks = await prisma.task.findMany({
        where: {
          nodeId: { not: null },
          state: { notIn: [...FINAL_TASK_STATES] },
        },
      });
      let count = 0;
      for (const task of tasks) {
        const next =
          task.desired === 'stopped'
            ? moved('stopped', false)
            : task.hold
              ? { imageReady: true }
              : outcome(task) === 'ready'
                ? moved('running', true)
                : moved('failed', false);
        const settled =
          (task.hold && task.imageReady && task.desired === 'running') ||
          (task.desired === 'running' && !task.hold && task.ready && outcome(task) === 'ready');
        if (settled) continue;
        await write(task.id, task.serviceId, next);
        count += 1;
      }
      return count;
    },
    setTask: async (id, state, ready) => {
      const { serviceId } = await prisma.task.findUniqueOrThrow({ where: { id } });
      await write(id, serviceId, moved(state, ready));
    },
  };
};
