import type { ImagePin } from '@portreeve/domain';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { type HostAgent, pinOf, startHostAgent, webTask } from './host-agent.ts';

let lab: Lab;
let host: LabHost;
let good: ImagePin;
let agent: HostAgent;

beforeAll(async () => {
  lab = await startLab({ hosts: 1, id: `agentsurv${process.pid}`, diskGiB: 2 });
  host = lab.hosts[0] as LabHost;
  good = await pinOf(lab, 'good');
});
afterAll(() => lab?.stop());
beforeEach(async () => {
  agent = await startHostAgent(lab, host);
});
afterEach(async () => {
  await agent.end();
});

const containers = () => agent.docker.listContainers({ all: true });
const startedAt = async (): Promise<string[]> => {
  const all = await Promise.all(
    (await containers()).map((one) => agent.docker.getContainer(one.Id).inspect()),
  );
  return all.map((info) => `${info.Id} ${info.State.StartedAt} ${info.RestartCount}`).sort();
};
const facts = () => agent.peer.facts as { engine: { reachable: boolean } }[];

describe('the agent is killed', () => {
  test('F-9 while tasks run: no container is restarted, none is doubled, and the agent knows them again', async () => {
    const tasks = Array.from({ length: 5 }, () => webTask(good));
    await agent.assign(tasks);
    for (const one of tasks) await agent.ready(one.taskId);
    const before = await startedAt();
    await agent.kill();
    await agent.start();
    await eventually(() => agent.peer.reports.some((report) => report.complete && report.tasks.length === 5));
    const complete = agent.peer.reports.findLast((report) => report.complete);
    expect(complete?.tasks.every((one) => one.ready && one.attempt === 1)).toBe(true);
    expect(await startedAt()).toEqual(before);
  });

  test('F-9 while it creates and starts: each task has one container in the end, and none is a stranger', async () => {
    const tasks = Array.from({ length: 8 }, () =>
      webTask(good, { spec: { healthcheck: { test: ['NONE'] } } }),
    );
    await agent.assign(tasks);
    for (let round = 1; round <= 3; round += 1) {
      await eventually(async () => (await containers()).length >= round * 2, { interval: 5 });
      await agent.kill();
      await agent.start();
    }
    for (const one of tasks) await agent.ready(one.taskId);
    const found = await containers();
    expect(found.map((one) => one.Labels['io.portreeve.task']).sort()).toEqual(
      tasks.map((one) => one.taskId).sort(),
    );
    expect(found.every((one) => one.State === 'running')).toBe(true);
  });

  test('F-9 while a task is stopping: it is stopped all the same', async () => {
    const one = webTask(await pinOf(lab, 'ignore-term'));
    await agent.assign([one]);
    await agent.ready(one.taskId);
    await agent.assign([]);
    await agent.until(one.taskId, (report) => report.state === 'stopping', 'to be stopping');
    await agent.kill();
    await agent.start();
    await eventually(async () => (await containers()).length === 0, { timeout: 20_000 });
  });

  test('F-9 and what ends meanwhile is restarted when it is back, with no server in reach', async () => {
    const one = webTask(good);
    await agent.assign([one]);
    const { containerId } = await agent.ready(one.taskId);
    await agent.kill();
    await agent.docker.getContainer(containerId ?? '').kill();
    await agent.start();
    await agent.until(one.taskId, (report) => report.attempt === 2 && report.ready, 'to be back');
  });

  test('R1 numbers of reports rise over its restarts', async () => {
    await agent.assign([webTask(good)]);
    await eventually(() => agent.peer.reports.length > 1);
    await agent.kill();
    await agent.start();
    await eventually(() => agent.peer.reports.filter((report) => report.complete).length === 2);
    const numbers = agent.peer.reports.map((report) => report.sequence);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  test('reports wait for a server that cannot store them', async () => {
    agent.peer.storing = false;
    const one = webTask(good);
    await agent.assign([one]);
    await eventually(async () => (await containers()).some((seen) => seen.Status.includes('(healthy)')));
    expect(agent.report(one.taskId)).toBeUndefined();
    agent.peer.storing = true;
    await agent.ready(one.taskId);
  });
});

describe('the engine', () => {
  test('F-10 restarts with live-restore: no container does, and the agent sees them again', async () => {
    const one = webTask(good);
    await agent.assign([one]);
    await agent.ready(one.taskId);
    const before = await startedAt();
    await host.engine.restart();
    await eventually(() => facts().at(-1)?.engine.reachable === true, { timeout: 20_000 });
    expect(await startedAt()).toEqual(before);
    const second = webTask(good);
    await agent.assign([one, second]);
    await agent.ready(second.taskId);
    expect(agent.report(one.taskId)?.attempt).toBe(1);
  });

  test('F-10 is away: it is said so, and what ended meanwhile is found by the full list', async () => {
    const one = webTask(good);
    await agent.assign([one]);
    await agent.ready(one.taskId);
    const pid = (await agent.docker.getContainer(agent.report(one.taskId)?.containerId ?? '').inspect()).State
      .Pid;
    await host.engine.stop();
    await eventually(() => facts().at(-1)?.engine.reachable === false);
    await host.exec(['kill', '-9', String(pid)]);
    await host.engine.start();
    await agent.until(one.taskId, (report) => report.attempt === 2 && report.ready, 'to be back');
  });

  test('F-10 hangs, accepting and never answering: it is noticed, and the agent goes on when it does', async () => {
    const one = webTask(good);
    await agent.assign([one]);
    await agent.ready(one.taskId);
    await host.exec(['pkill', '-STOP', '-x', 'dockerd']);
    await eventually(() => facts().at(-1)?.engine.reachable === false, { timeout: 40_000 });
    expect(agent.peer.connected()).toBe(true);
    await host.exec(['pkill', '-CONT', '-x', 'dockerd']);
    await eventually(() => facts().at(-1)?.engine.reachable === true, { timeout: 40_000 });
    expect(agent.report(one.taskId)).toMatchObject({ attempt: 1, ready: true });
  });
});

test('F-11 after a power cut the host comes to its desired state without a server', async () => {
  const tasks = [webTask(good), webTask(good)];
  await agent.assign(tasks);
  for (const one of tasks) await agent.ready(one.taskId);
  await host.reboot();
  await agent.start();
  for (const one of tasks)
    await agent.until(one.taskId, (seen) => seen.attempt === 2 && seen.ready, 'to be back');
  expect(await containers()).toHaveLength(2);
  const exits = agent.peer.reports.flatMap((report) => report.exits);
  expect(exits.map((exit) => exit.record.endedBy)).toEqual(['engine', 'engine']);
});

test('R2 an agent that starts while the engine is away still names every task as it was', async () => {
  const tasks = [webTask(good), webTask(good)];
  await agent.assign(tasks);
  for (const one of tasks) await agent.ready(one.taskId);
  await agent.kill('SIGTERM');
  expect(agent.peer.leaving).toHaveLength(1);
  await host.engine.stop();
  const before = agent.peer.reports.length;
  await agent.start();
  const complete = await eventually(() => agent.peer.reports.slice(before).find((report) => report.complete));
  expect(complete.tasks.map((one) => [one.state, one.ready])).toEqual([
    ['running', true],
    ['running', true],
  ]);
  await host.engine.start();
  await eventually(() => agent.peer.reports.length > before + 1);
  expect(tasks.map((one) => agent.report(one.taskId)?.attempt)).toEqual([1, 1]);
});

test('F-16 on a full disk the agent says why nothing starts, and goes on when there is room again', async () => {
  await host.fillDisk(0);
  const one = webTask(good, { spec: { restart: { delayMs: 500 } } });
  const answer = await agent.assign([one]);
  const why = () => (answer.accepted ? agent.report(one.taskId)?.reason : answer.reason) ?? '';
  await eventually(() => /no space left|ENOSPC/i.test(why()), { what: 'the reason', timeout: 20_000 });
  expect(agent.peer.connected()).toBe(true);
  await host.freeDisk();
  await agent.assign([one]);
  await agent.ready(one.taskId);
});

test('F-16 a container that dies while the disk of the agent is full is started again, and known to it once there is room', async () => {
  const { stateDir } = agent;
  const sh = (script: string) => host.exec(['sh', '-c', script]);
  await agent.kill();
  const small = `mkdir ${stateDir} && mount -t tmpfs -o size=8m tmpfs ${stateDir} && cp -a /kept/. ${stateDir}`;
  expect((await sh(`mv ${stateDir} /kept && ${small}`)).code).toBe(0);
  await agent.start();
  const one = webTask(good);
  await agent.assign([one]);
  const { containerId = '' } = await agent.ready(one.taskId);
  expect((await sh(`cat /dev/zero > ${stateDir}/much`)).stderr).toContain('No space left');
  await agent.docker.getContainer(containerId).kill();
  await agent.until(one.taskId, (report) => report.attempt === 2 && report.ready, 'to be back');
  const again = agent.report(one.taskId)?.containerId;
  await sh(`touch /full && rm ${stateDir}/much`);
  await eventually(async () => (await sh(`find ${stateDir}/record -newer /full`)).stdout !== '', {
    timeout: 20_000,
    what: 'the record to be on disk',
  });
  await agent.kill();
  await agent.start();
  await agent.ready(one.taskId);
  expect(agent.report(one.taskId)).toMatchObject({ attempt: 2, containerId: again });
});
