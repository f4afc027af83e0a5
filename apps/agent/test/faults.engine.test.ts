import { randomBytes } from 'node:crypto';
import type { ImagePin } from '@portreeve/domain';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FaultyRegistry, startFaultyRegistry } from '../../../e2e/lab/faulty-registry.ts';
import { rootTar } from '../../../e2e/lab/images/files.ts';
import { packLayer, pushImage } from '../../../e2e/lab/images/push.ts';
import { webConfig, webFiles } from '../../../e2e/lab/images/web.ts';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { openEngine } from '../src/engine/engine.ts';
import { pullImage } from '../src/engine/pull.ts';
import { type HostAgent, pinOf, startHostAgent, webTask } from './host-agent.ts';

let lab: Lab;
let host: LabHost;
let registry: FaultyRegistry;
let agent: HostAgent;

beforeAll(async () => {
  lab = await startLab({
    hosts: 1,
    id: `agentpull${process.pid}`,
    engineConfig: { 'insecure-registries': ['10.77.0.0/16'] },
  });
  host = lab.hosts[0] as LabHost;
  registry = await startFaultyRegistry(lab.bridgeAddress, lab.registry?.address ?? '');
});
afterAll(async () => {
  registry?.close();
  await lab?.stop();
});
beforeEach(async () => {
  agent = await startHostAgent(lab, host);
});
afterEach(async () => {
  registry.fault(undefined);
  await agent.end();
});

const containers = () => agent.docker.listContainers({ all: true });

/** An image with a layer that no host has, behind the faulty registry. */
const freshImage = async (tag: string): Promise<ImagePin> => {
  const salt = { path: '/salt', content: randomBytes(1_000_000), mode: 0o644 };
  const layer = await packLayer(await rootTar([...webFiles(), salt]));
  const digest = await pushImage(lab.registry?.address ?? '', 'salted', tag, layer, webConfig('good'));
  return {
    kind: 'digest',
    reference: `${registry.address}/salted:${tag}`,
    registry: registry.address,
    repository: 'salted',
    digest,
  };
};
const layerAsked = () => registry.asked.some(({ path }) => path.includes('/blobs/'));

describe('an image whose bytes stop half way', () => {
  test('F-18 keeps no other task of the host, starts nothing partial, and is there once they flow', async () => {
    const stuck = webTask(await freshImage('stuck'));
    registry.fault({ kind: 'stop-at', share: 0.5 });
    await agent.assign([stuck]);
    await eventually(layerAsked, { what: 'the layer to be asked for' });
    const other = webTask(await pinOf(lab, 'good'));
    await agent.assign([stuck, other]);
    await agent.ready(other.taskId);
    expect(agent.report(stuck.taskId)).toMatchObject({ state: 'preparing', imageReady: false, attempt: 0 });
    expect(await containers()).toHaveLength(1);
    registry.fault(undefined);
    await agent.ready(stuck.taskId);
  });

  test('F-18 is given up when nothing has come for its time, and not while something comes', async () => {
    const pin = await freshImage('stalled');
    if (pin.kind !== 'digest') throw new Error('not a digest');
    const engine = await openEngine(host.dockerSocket);
    const pull = () =>
      pullImage(engine, {
        reference: `${pin.registry}/${pin.repository}@${pin.digest}`,
        signal: new AbortController().signal,
        stallMs: 1_500,
        onProgress: () => undefined,
      });
    registry.fault({ kind: 'stop-at', share: 0.5 });
    await expect(pull()).rejects.toThrow('brought nothing for 1.5 s');
    registry.fault(undefined);
    // containerd tells of what came half a mebibyte at a time: so slow a trickle looks like nothing there.
    if (host.engineKind === 'current') return;
    registry.fault({ kind: 'trickle', everyMs: 150 });
    // Twenty pieces take twice as long as is waited for one.
    await pull();
    expect(layerAsked()).toBe(true);
  });

  test('F-9 does not hinder an agent that is killed meanwhile: it pulls anew, and one container is there', async () => {
    const one = webTask(await freshImage('killed'));
    registry.fault({ kind: 'stop-at', share: 0.5 });
    await agent.assign([one]);
    await eventually(layerAsked, { what: 'the layer to be asked for' });
    await agent.kill();
    await agent.start();
    registry.fault(undefined);
    await agent.ready(one.taskId);
    expect(await containers()).toHaveLength(1);
    expect(agent.report(one.taskId)?.attempt).toBe(1);
  });
});

describe('a registry', () => {
  test.each([429, 500])(
    'F-18 that answers %i is asked again, ever later, and the reason is told',
    async (status) => {
      const one = webTask(await freshImage(`status-${status}`));
      registry.fault({ kind: 'status', status });
      await agent.assign([one]);
      const report = await agent.until(one.taskId, ({ reason }) => reason !== '', 'to say why it waits');
      expect(report).toMatchObject({ state: 'preparing', imageReady: false });
      expect(report.reason).toContain('cannot be pulled');
      const tries = () =>
        agent.peer.reports
          .flatMap(({ events }) => events)
          .filter(({ taskId, ok, text }) => taskId === one.taskId && !ok && text.startsWith('pull '));
      const [, second, third] = await eventually(() => tries().length >= 3 && tries(), {
        timeout: 60_000,
        what: 'three tries',
      });
      // The first wait is half a second; a slow machine makes them longer, and never shorter.
      const ended = Date.parse(second?.at ?? '') + (second?.durationMs ?? 0);
      expect(Date.parse(third?.at ?? '')).toBeGreaterThan(ended + 900);
      expect(await containers()).toHaveLength(0);
      registry.fault(undefined);
      await agent.ready(one.taskId);
    },
  );

  test('F-18 that sends other bytes than the digest says brings nothing to a start', async () => {
    const one = webTask(await freshImage('wrong'));
    registry.fault({ kind: 'wrong-bytes' });
    await agent.assign([one]);
    const report = await agent.until(one.taskId, ({ reason }) => reason !== '', 'to say why it waits');
    expect(report.reason).toMatch(/verification failed|digest|unexpected EOF|checksum/i);
    expect(report).toMatchObject({ state: 'preparing', imageReady: false });
    expect(await containers()).toHaveLength(0);
    registry.fault(undefined);
    await agent.ready(one.taskId);
  });

  test('F-19 that is away does not stop what the host has by its digest', async () => {
    const pin = await pinOf(lab, 'good2');
    const first = webTask(pin);
    await agent.assign([first]);
    await agent.ready(first.taskId);
    await lab.registry?.kill();
    try {
      const always = webTask(pin, { spec: { pullPolicy: 'always' } });
      const again = webTask(pin);
      await agent.assign([again, always]);
      await agent.ready(again.taskId);
      await agent.ready(always.taskId);
    } finally {
      await lab.registry?.start();
    }
  });
});

test('F-10 an engine that restarts without live-restore: each task runs again, once, and no start is held against it', async () => {
  const path = '/etc/docker/daemon.json';
  const live = await host.readFile(path);
  await host.writeFile(path, JSON.stringify({ ...JSON.parse(live), 'live-restore': false }));
  await host.engine.restart();
  try {
    const good = await pinOf(lab, 'good');
    const tasks = [webTask(good), webTask(good)];
    await agent.assign(tasks);
    for (const one of tasks) await agent.ready(one.taskId);
    await host.engine.restart();
    for (const one of tasks)
      await agent.until(one.taskId, (seen) => seen.attempt > 1 && seen.ready, 'to be back');
    await eventually(async () => (await containers()).length === 2, { what: 'no container more' });
    const ends = agent.peer.reports.flatMap((report) => report.exits);
    // What had started has ended; no start that the engine refused while it went was counted.
    for (const { record } of ends) expect(record.startedAt, JSON.stringify(record)).toBeDefined();
  } finally {
    await host.writeFile(path, live);
    await host.engine.restart();
  }
});
