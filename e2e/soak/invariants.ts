import { routes } from '@portreeve/contract';
import { containersOf } from '../journeys/containers.ts';
import { dockerOf } from '../lab/docker.ts';
import { eventually } from '../lab/eventually.ts';
import type { Load, Wish } from './load.ts';
import { ROOT, type Stage } from './stage.ts';

/** The whole of a minute in which duplicates may end, and the time that a crowded machine takes for the rest. */
const CONVERGES_WITHIN_MS = 150_000;

type Running = { host: string; task: string; id: string };

const runningTasks = async ({ lab }: Stage): Promise<Running[]> => {
  const filters = { label: ['io.portreeve.task'] };
  const lists = await Promise.all(
    lab.hosts.map(async (host) => {
      const found = await dockerOf(host).listContainers({ filters });
      return found.map(({ Id, Labels }) => ({
        host: host.name,
        id: Id,
        task: Labels['io.portreeve.task'] ?? '',
      }));
    }),
  );
  return lists.flat();
};

const stackIs = async ({ operator }: Stage, name: string, wish: Wish): Promise<string> => {
  const stack = await operator.call(routes.stacks.find, { params: { name }, ...ROOT });
  const [service] = stack.serviceList;
  const { tasks, activeRollout } = await operator.call(routes.services.get, {
    params: { id: service?.id ?? '' },
  });
  const ready = tasks.filter((task) => task.ready && task.desired === 'running');
  if (activeRollout) return `${name} still rolls: ${activeRollout.next}`;
  if (ready.length !== wish.replicas)
    return `${name} has ${ready.length} of ${wish.replicas} ready: ${stack.why}`;
  return '';
};

/** What the engines run is what the database wants: each task once, none that it does not know (I2). */
const strays = async (stage: Stage): Promise<string[]> => {
  const wanted = await stage.ask<{ id: string; slot: number; service: string }>(
    `SELECT id, slot, "serviceId" AS service FROM "Task" WHERE desired = 'running' AND state = 'running'`,
  );
  const known = new Map(wanted.map((task) => [task.id, `${task.service} ${task.slot}`]));
  const running = await runningTasks(stage);
  const slots = new Map<string, number>();
  for (const { task } of running) {
    const slot = known.get(task);
    if (slot !== undefined) slots.set(slot, (slots.get(slot) ?? 0) + 1);
  }
  return [
    ...running
      .filter(({ task }) => !known.has(task))
      .map(({ host, task }) => `${host} runs the unwanted task ${task}`),
    ...[...slots].filter(([, count]) => count > 1).map(([slot, count]) => `slot ${slot} runs ${count} times`),
    ...wanted
      .filter(({ id }) => !running.some(({ task }) => task === id))
      .map(({ id }) => `no host runs task ${id}`),
  ];
};

/** Waits until every stack is as was acknowledged last (I1), each task once (I2), every host ready; answers how long it took. */
export const converge = async (stage: Stage, load: Load): Promise<number> => {
  const began = Date.now();
  await eventually(
    async () => {
      const { items } = await stage.operator.call(routes.nodes.list, { query: {} });
      const away = items
        .filter(({ state }) => state !== 'ready')
        .map(({ name, state }) => `${name} is ${state}`);
      const stacks = await Promise.all([...load.accepted].map(([name, wish]) => stackIs(stage, name, wish)));
      const wrong = [...away, ...stacks.filter((text) => text !== ''), ...(await strays(stage))];
      if (wrong.length > 0) throw new Error(wrong.join('; '));
      return true;
    },
    { timeout: CONVERGES_WITHIN_MS, interval: 500, what: 'all to be as was acknowledged last' },
  );
  return Date.now() - began;
};

/** The revision that every ready task has is of the tag that was acknowledged last, as the engines themselves say. */
const wrongImages = async (stage: Stage, load: Load): Promise<string[]> => {
  const rows = await stage.ask<{ name: string; image: string }>(
    `SELECT s.name, r.spec->>'image' AS image FROM "Task" t JOIN "Revision" r ON r.id = t."revisionId"
     JOIN "Service" v ON v.id = t."serviceId" JOIN "Stack" s ON s.id = v."stackId"
     WHERE t.desired = 'running' AND t.ready`,
  );
  return rows
    .filter(({ name, image }) => !image.endsWith(`:${load.accepted.get(name)?.tag}`))
    .map(({ name, image }) => `${name} runs ${image}, accepted was ${load.accepted.get(name)?.tag}`);
};

/** Every acknowledged deploy has its audit entry and no entry is without a deploy that was sent (I7). */
const wrongAudit = async (stage: Stage, load: Load): Promise<string[]> => {
  const { sent, acknowledged } = load.counts();
  const [row] = await stage.ask<{ entries: number }>(
    `SELECT count(*)::int AS entries FROM "AuditEntry" WHERE action = 'stack.apply' AND outcome = 'done'`,
  );
  const entries = row?.entries ?? 0;
  const chain = await stage.operator.call(routes.audit.verify, {});
  return [
    ...(entries < acknowledged || entries > sent
      ? [`${entries} audit entries for ${acknowledged} acknowledged of ${sent} sent deploys`]
      : []),
    ...(chain.ok ? [] : [`the audit chain is broken: ${chain.text}`]),
  ];
};

/** What is wrong although all has converged; empty in a sound run. */
export const violations = async (stage: Stage, load: Load): Promise<string[]> => [
  ...(await wrongImages(stage, load)).map((text) => `I1: ${text}`),
  ...(await stage.history.backward()).map((text) => `I4: ${text}`),
  ...(await wrongAudit(stage, load)).map((text) => `I7: ${text}`),
];

/** Every container with its process, to be compared with itself after a fault of the control plane (I8). */
export const containers = (stage: Stage): Promise<string[]> => containersOf(stage.lab);
