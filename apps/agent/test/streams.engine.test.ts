import { randomUUID } from 'node:crypto';
import { AgentFigures, type StreamOpen } from '@portreeve/agent-protocol';
import type { ImagePin } from '@portreeve/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { type HostAgent, pinOf, startHostAgent, webTask } from './host-agent.ts';
import type { BulkStream } from './peer.ts';

let lab: Lab;
let host: LabHost;
let good: ImagePin;
let agent: HostAgent;

beforeAll(async () => {
  lab = await startLab({ hosts: 1, id: `agentstr${process.pid}` });
  host = lab.hosts[0] as LabHost;
  good = await pinOf(lab, 'good');
  agent = await startHostAgent(lab, host);
});
afterAll(async () => {
  await agent?.end();
  await lab?.stop();
});

const open = async (what: StreamOpen): Promise<BulkStream> => {
  const streamId = randomUUID();
  const answer = await agent.peer.request({
    kind: 'open-stream',
    streamId,
    token: 'once',
    url: agent.peer.url,
    open: what,
  });
  expect(answer).toMatchObject({ ok: true, value: { opened: true } });
  return eventually(() => agent.peer.bulk.get(streamId));
};
const lines = (stream: BulkStream) => stream.data.flatMap((data) => data.lines ?? []);
const said = (stream: BulkStream) => lines(stream).map((line) => line.text);
const typed = (stream: BulkStream) =>
  Buffer.concat(stream.data.map((data) => data.bytes ?? Buffer.alloc(0))).toString();

/** A task that runs `script` in the web image's shell. */
const scripted = async (script: string, more = {}) => {
  const one = webTask(good, {
    spec: { entrypoint: ['/bin/sh', '-c', script], healthcheck: { test: ['NONE'] }, ...more },
  });
  await agent.assign([one]);
  return one;
};

describe('logs', () => {
  test('of a running task come with their stream and time, and end where the log does', async () => {
    const one = await scripted('echo one; echo two >&2; echo three; sleep 600');
    await agent.ready(one.taskId);
    const stream = await open({ kind: 'logs', taskId: one.taskId, follow: false });
    await eventually(() => stream.end !== undefined);
    expect(said(stream).sort()).toEqual(['one', 'three', 'two']);
    expect(lines(stream).find((line) => line.text === 'two')?.stream).toBe('stderr');
    expect(stream.end?.reason).toBe('this is the end of the log');
  });

  test('with a tail give the newest lines only', async () => {
    const one = await scripted('for i in 1 2 3 4 5; do echo $i; done; sleep 600');
    await agent.ready(one.taskId);
    const stream = await open({ kind: 'logs', taskId: one.taskId, follow: false, tail: 2 });
    await eventually(() => stream.end !== undefined);
    expect(said(stream)).toEqual(['4', '5']);
  });

  test('are followed into the next attempt, with a line of the life between', async () => {
    const one = await scripted('echo begin; while [ ! -e /go ]; do sleep 0.1; done');
    const { containerId } = await agent.ready(one.taskId);
    const stream = await open({ kind: 'logs', taskId: one.taskId, follow: true, tail: 10 });
    await eventually(() => said(stream).includes('begin'));
    await agent.docker.getContainer(containerId ?? '').kill();
    await eventually(() => said(stream).filter((text) => text === 'begin').length === 2);
    const life = lines(stream).filter((line) => line.stream === 'life');
    expect(life.map((line) => line.text)).toEqual([
      'attempt 1: somebody stopped it at the engine (signal SIGKILL)',
      'attempt 2 started',
    ]);
    await agent.assign([]);
    await eventually(() => stream.end !== undefined);
  });

  test('are the same whenever they are read, so that who was cut off knows what it has had', async () => {
    const one = await scripted('echo begin; while [ ! -e /go ]; do sleep 0.1; done');
    const { containerId } = await agent.ready(one.taskId);
    const stream = await open({ kind: 'logs', taskId: one.taskId, follow: true });
    await eventually(() => said(stream).includes('begin'));
    await agent.docker.getContainer(containerId ?? '').kill();
    await eventually(() => said(stream).filter((text) => text === 'begin').length === 2);
    const second = await open({ kind: 'logs', taskId: one.taskId, follow: false });
    await eventually(() => second.end !== undefined);
    expect(lines(second)).toEqual(lines(stream));
    const later = lines(stream).at(-2)?.at;
    const third = await open({ kind: 'logs', taskId: one.taskId, follow: false, since: later });
    await eventually(() => third.end !== undefined);
    expect(lines(third)).toEqual(lines(stream).filter(({ at }) => at >= (later ?? '')));
    await agent.assign([]);
    await eventually(() => stream.end !== undefined);
  });

  test('are followed over a restart of the engine, with no line twice and none lost', async () => {
    const one = await scripted('i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done');
    await agent.ready(one.taskId);
    const stream = await open({ kind: 'logs', taskId: one.taskId, follow: true });
    await eventually(() => said(stream).length > 5);
    await host.engine.restart();
    const before = said(stream).length;
    await eventually(() => said(stream).length > before + 20, { timeout: 60_000 });
    expect(said(stream)).toEqual(said(stream).map((_, index) => `${index + 1}`));
    await agent.assign([]);
    await eventually(() => stream.end !== undefined, { timeout: 30_000 });
  });

  test('of a task that is gone are there from what the host keeps', async () => {
    const one = await scripted('echo last words; exit 3', { restart: { condition: 'none' } });
    await agent.until(one.taskId, (report) => report.state === 'failed', 'to fail');
    await agent.assign([]);
    await eventually(async () => (await agent.docker.listContainers({ all: true })).length === 0);
    const stream = await open({ kind: 'logs', taskId: one.taskId, follow: true });
    await eventually(() => stream.end !== undefined);
    expect(said(stream)[0]).toBe('last words');
    const kept = await agent.peer.request({ kind: 'exit-log', taskId: one.taskId, attempt: 1 });
    expect(kept).toMatchObject({ ok: true, value: { found: true } });
  });

  test('B2 stop where the credit ends and go on with more', async () => {
    const one = await scripted(
      'i=0; while [ $i -lt 8000 ]; do echo "line $i of a long log that fills the credit"; i=$((i+1)); done; sleep 600',
    );
    await agent.ready(one.taskId);
    await eventually(async () => {
      const log = await agent.docker
        .getContainer(agent.report(one.taskId)?.containerId ?? '')
        .logs({ stdout: true, tail: 1 });
      return log.toString().includes('line 7999');
    });
    const stream = await open({ kind: 'logs', taskId: one.taskId, follow: false });
    await eventually(() => lines(stream).length > 1_000);
    expect(lines(stream).length).toBeLessThan(2_500);
    expect(stream.end).toBeUndefined();
    stream.socket.emit('credit', { bytes: 10_000_000 });
    await eventually(() => stream.end !== undefined);
    expect(lines(stream)).toHaveLength(8_000);
  });
});

describe('a terminal', () => {
  test('B4 takes input and size, and says how its process ended', async () => {
    const one = await scripted('sleep 600');
    await agent.ready(one.taskId);
    const stream = await open({
      kind: 'terminal',
      taskId: one.taskId,
      command: ['/bin/sh'],
      columns: 100,
      rows: 30,
    });
    const type = (text: string) => stream.socket.emit('input', { bytes: Buffer.from(text) });
    // Typed again until it is answered: this shell asks the terminal where its cursor is, and eats what comes.
    const typing = (text: string, answer: string) =>
      eventually(
        () => {
          type(text);
          return typed(stream).includes(answer);
        },
        { interval: 300, what: answer },
      );
    await typing('echo $((6*7)) $TERM\n', '42 xterm-256color');
    stream.socket.emit('resize', { columns: 133, rows: 44 });
    await typing('stty size\n', '44 133');
    await eventually(
      () => {
        type('exit 3\n');
        return stream.end;
      },
      { interval: 300 },
    );
    expect(stream.end).toMatchObject({ exitCode: 3 });
  });

  test('S-8 closed by the server leaves no process behind', async () => {
    const one = await scripted('sleep 600');
    const { containerId } = await agent.ready(one.taskId);
    const stream = await open({
      kind: 'terminal',
      taskId: one.taskId,
      command: ['/bin/sh'],
      columns: 80,
      rows: 24,
    });
    await eventually(() => typed(stream).length > 0);
    stream.socket.disconnect(true);
    const processes = async () =>
      ((await agent.docker.getContainer(containerId ?? '').top()).Processes as string[][]).length;
    await eventually(async () => (await processes()) === 1);
  });

  test('of a task that does not run is refused with a reason', async () => {
    const answer = await agent.peer.request({
      kind: 'open-stream',
      streamId: randomUUID(),
      token: 'once',
      url: agent.peer.url,
      open: { kind: 'terminal', taskId: randomUUID(), command: ['/bin/sh'], columns: 80, rows: 24 },
    });
    expect(answer).toMatchObject({ ok: false, code: 'conflict.state' });
  });
});

describe('requests', () => {
  test('tell figures, containers, images and a task as the engine sees it, secrets masked', async () => {
    const one = await scripted('i=0; while :; do i=$((i+1)); done', {
      environment: { DB_PASSWORD: 'hunter2', COLOR: 'red' },
      limits: { memoryBytes: 64 * 1024 * 1024, cpus: 0.2 },
    });
    const { containerId } = await agent.ready(one.taskId);
    await agent.peer.request({ kind: 'stats' });
    const stats = await eventually(
      async () => {
        const answer = await agent.peer.request({ kind: 'stats', taskIds: [one.taskId] });
        const [first] = (answer.ok ? answer.value : []) as {
          cpuCores: number;
          memoryBytes: number;
          memoryLimitBytes?: number;
        }[];
        return first && first.cpuCores > 0.05 ? first : undefined;
      },
      { timeout: 20_000 },
    );
    expect(stats.memoryLimitBytes).toBe(64 * 1024 * 1024);
    expect(stats.memoryBytes).toBeGreaterThan(0);

    const containers = await agent.peer.request({ kind: 'containers' });
    expect(containers.ok && containers.value).toContainEqual(
      expect.objectContaining({ id: containerId, taskId: one.taskId }),
    );

    const reference = good.kind === 'digest' ? `${good.registry}/web@${good.digest}` : '';
    const image = await agent.peer.request({ kind: 'find-image', reference });
    expect(image).toMatchObject({ ok: true, value: { found: true, repoDigests: [reference] } });
    const none = await agent.peer.request({ kind: 'find-image', reference: 'none:1' });
    expect(none).toMatchObject({ ok: true, value: { found: false } });

    const seen = await agent.peer.request({ kind: 'inspect-task', taskId: one.taskId });
    const json = (seen.ok ? seen.value : {}) as { json: string };
    expect(json.json).toContain('COLOR=red');
    expect(json.json).not.toContain('hunter2');
  });

  test('tell the figures of host and agent for Prometheus', async () => {
    const one = await scripted('sleep 600');
    await agent.ready(one.taskId);
    const figures = await eventually(async () => {
      const answer = await agent.peer.request({ kind: 'figures' });
      const found = AgentFigures.parse(answer.ok ? answer.value : undefined);
      return found.pressure && found;
    });
    const ours = figures.containers?.find(({ state, ours: own }) => own && state === 'running');
    expect(ours?.count).toBeGreaterThan(0);
    expect(figures.tasks.running).toBeGreaterThan(0);
    expect(figures.attempts).toBeGreaterThanOrEqual(figures.tasks.running ?? 0);
    expect(figures.servers).toBe(1);
    expect(Date.parse(figures.certificateExpiresAt)).toBeGreaterThan(Date.now());
    expect(figures.residentBytes).toBeGreaterThan(10_000_000);
  });

  test('remove a volume that nothing uses, and say who uses another', async () => {
    const volumeId = randomUUID();
    const engineName = `pr-${volumeId}`;
    const one = webTask(good, {
      volumes: [{ source: 'data', volumeId, engineName, driver: 'local', driverOptions: {} }],
      spec: { mounts: [{ kind: 'volume', source: 'data', target: '/data' }] },
    });
    await agent.assign([one]);
    await agent.ready(one.taskId);
    const used = await agent.peer.request({ kind: 'remove-volume', engineName });
    expect(used).toMatchObject({
      ok: true,
      value: { removed: false, reason: expect.stringContaining('in use') },
    });
    await agent.assign([]);
    await eventually(async () => (await agent.docker.listContainers({ all: true })).length === 0);
    const free = await agent.peer.request({ kind: 'remove-volume', engineName });
    expect(free).toMatchObject({ ok: true, value: { removed: true } });
  });

  test('keep a day of metrics, the host and each task', async () => {
    const host = await eventually(
      async () => {
        const answer = await agent.peer.request({ kind: 'metrics', minutes: 5 });
        const { series } = (answer.ok ? answer.value : { series: [] }) as {
          series: { name: string; points: unknown[] }[];
        };
        return series[0] && series[0].points.length > 0 ? series : undefined;
      },
      { timeout: 30_000 },
    );
    expect(host.map((one) => one.name)).toEqual(['cpuUsed', 'memoryUsedBytes', 'load1', 'diskUsedRatio']);
  });
});
