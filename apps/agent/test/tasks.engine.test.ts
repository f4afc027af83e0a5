import { randomUUID } from 'node:crypto';
import type { ImagePin } from '@portreeve/domain';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { type HostAgent, pinOf, startHostAgent, webTask } from './host-agent.ts';

/** No test lasts so long: a restart that waits for it is not seen. */
const HOUR_MS = 3_600_000;

let lab: Lab;
let host: LabHost;
let good: ImagePin;
let agent: HostAgent;

beforeAll(async () => {
  lab = await startLab({ hosts: 1, id: `agent${process.pid}` });
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
const exits = () => agent.peer.reports.flatMap((report) => report.exits);
const inspect = async (taskId: string) =>
  agent.docker.getContainer(agent.report(taskId)?.containerId ?? '').inspect();

describe('a task', () => {
  test('is pulled by its digest, started, labelled as ours and ready when its health check says so', async () => {
    const one = webTask(good);
    await agent.assign([one]);
    const report = await agent.ready(one.taskId);
    expect(report).toMatchObject({ state: 'running', attempt: 1, imageReady: true });
    const info = await inspect(one.taskId);
    expect(info.Config.Image).toContain('@sha256:');
    expect(info.HostConfig.RestartPolicy?.Name).toBe('no');
    expect(info.Config.Labels).toMatchObject({
      'io.portreeve.task': one.taskId,
      'io.portreeve.node': agent.peer.nodeId,
      'io.portreeve.cluster': agent.peer.clusterId,
      'io.portreeve.names': '/shop shop web 1',
    });
  });

  test('T1 passes its states in their order and no other', async () => {
    // Its stop lasts: what begins and ends between two reports is told of in one.
    const one = webTask(await pinOf(lab, 'ignore-term'), { spec: { stopGraceMs: 1_000 } });
    await agent.assign([one]);
    await agent.ready(one.taskId);
    await agent.assign([{ ...one, desired: 'stopped' }]);
    await agent.until(one.taskId, (report) => report.state === 'stopped', 'to be stopped');
    const seen = agent.peer.reports.flatMap((report) =>
      report.tasks.filter((item) => item.taskId === one.taskId).map((item) => item.state),
    );
    const order = ['accepted', 'preparing', 'starting', 'running', 'stopping', 'stopped'];
    const places = seen.map((state) => order.indexOf(state));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(new Set(seen).has('stopping')).toBe(true);
  });

  test('T3 on hold has its image brought and nothing created, until the hold is gone', async () => {
    const one = webTask(good, { hold: true });
    await agent.assign([one]);
    await agent.until(one.taskId, (report) => report.imageReady, 'to have its image');
    expect(await containers()).toHaveLength(0);
    await agent.assign([{ ...one, hold: false }]);
    await agent.ready(one.taskId);
  });

  test('T4 that leaves the document is stopped by its signal, removed, and its end reported', async () => {
    const one = webTask(good);
    await agent.assign([one]);
    await agent.ready(one.taskId);
    await agent.assign([]);
    await eventually(async () => (await containers()).length === 0);
    await eventually(() => exits().length === 1);
    expect(exits()[0]?.record).toMatchObject({ exitCode: 0, endedBy: 'portreeve' });
    expect(exits()[0]?.record.logTail).toContain('web good stops');
  });

  test('T4 that ignores its signal is killed after its grace', async () => {
    const one = webTask(await pinOf(lab, 'ignore-term'), { spec: { stopGraceMs: 1_000 } });
    await agent.assign([one]);
    await agent.ready(one.taskId);
    await agent.assign([{ ...one, desired: 'stopped' }]);
    await agent.until(one.taskId, (report) => report.state === 'stopped', 'to be stopped');
    expect(exits()[0]?.record).toMatchObject({ exitCode: 137, signal: 'SIGKILL', endedBy: 'portreeve' });
  });

  test("with network_mode: bridge is on the engine's own bridge and no other, where its port is published", async () => {
    const ports = [{ target: 8080, published: 18081, protocol: 'tcp' as const }];
    const one = webTask(good, { ports, spec: { networkMode: 'bridge' } });
    await agent.assign([one]);
    const { containerId = '' } = await agent.ready(one.taskId);
    const { NetworkSettings } = await agent.docker.getContainer(containerId).inspect();
    // Podman calls its own by its name.
    expect(['bridge', 'podman']).toContain(Object.keys(NetworkSettings.Networks).join());
    await eventually(async () => (await fetch(`http://${host.address}:18081/healthz`)).ok);
  });

  test('whose image does not exist is given back with the reason', async () => {
    const digest = `sha256:${'0'.repeat(64)}` as const;
    const one = webTask({ ...good, digest } as ImagePin);
    await agent.assign([one]);
    const report = await agent.until(one.taskId, (seen) => seen.reason !== '', 'to say why it waits');
    expect(report).toMatchObject({ state: 'preparing', imageReady: false });
    expect(report.reason).toContain('cannot be pulled');
  });

  test('whose port is taken says so in words and is tried again', async () => {
    const ports = [{ target: 8080, published: 18080, protocol: 'tcp' as const }];
    const [first, second] = [webTask(good, { ports }), webTask(good, { ports })];
    await agent.assign([first]);
    await agent.ready(first.taskId);
    await agent.assign([first, second]);
    const report = await agent.until(second.taskId, (seen) => seen.attempt > 1, 'to be tried twice');
    expect(exits()[0]?.record.reason).toContain('port is already allocated');
    expect(report.state).not.toBe('running');
  });
});

describe('attempts', () => {
  test('T2 a killed container is followed by a new attempt of the same task at once', async () => {
    const one = webTask(good);
    await agent.assign([one]);
    const before = await agent.ready(one.taskId);
    await agent.docker.getContainer(before.containerId ?? '').kill();
    const after = await agent.until(
      one.taskId,
      (report) => report.attempt === 2 && report.ready,
      'to be back',
    );
    expect(after.containerId).not.toBe(before.containerId);
    const [exit] = exits();
    expect(exit?.record).toMatchObject({ attempt: 1, exitCode: 137, endedBy: 'outside' });
    await eventually(async () => (await containers()).length === 1);
  });

  test('T2 one that crashes again and again is restarted at once, then waits, and says until when', async () => {
    const one = webTask(good, { spec: { entrypoint: ['/bin/false'], restart: { delayMs: HOUR_MS } } });
    await agent.assign([one]);
    const report = await agent.until(one.taskId, (seen) => seen.restartAt !== undefined, 'to wait');
    expect(report).toMatchObject({ attempt: 2, ready: false });
    await eventually(() => exits().length === 2);
    const [first, second] = exits().map(({ record }) => record);
    const at = (time = ''): number => Date.parse(time);
    // The second attempt came without the delay, the third waits for it.
    expect(at(second?.startedAt)).toBeGreaterThanOrEqual(at(first?.endedAt));
    expect(at(report.restartAt)).toBeGreaterThan(at(second?.endedAt) + HOUR_MS / 2);
    process.stdout.write(`T2: restarted ${at(second?.startedAt) - at(first?.endedAt)} ms after its end\n`);
  });

  test('one whose restarts are spent has failed, with each end on record', async () => {
    const spec = { entrypoint: ['/bin/false'], restart: { maxAttempts: 1 } };
    const one = webTask(good, { spec });
    await agent.assign([one]);
    const report = await agent.until(one.taskId, (seen) => seen.state === 'failed', 'to fail');
    expect(report.reason).toBe('it ended by itself with exit code 1; its 1 restarts are spent');
    await eventually(() => exits().length === 2);
  });

  test('one that is done is complete', async () => {
    const one = webTask(good, { spec: { entrypoint: ['/bin/true'], restart: { condition: 'on-failure' } } });
    await agent.assign([one]);
    await agent.until(one.taskId, (report) => report.state === 'complete', 'to be complete');
  });

  test('one whose health check fails is stopped and tried anew', async () => {
    const spec = { healthcheck: { test: ['CMD', '/bin/false'], intervalMs: 200, retries: 1 } };
    const one = webTask(good, { spec });
    await agent.assign([one]);
    await agent.until(one.taskId, (report) => report.attempt === 2, 'to be tried anew');
    expect(exits()[0]?.record).toMatchObject({ endedBy: 'health-check' });
  });

  test('one that takes too much memory is said to have been ended for it', async () => {
    const spec = { limits: { memoryBytes: 32 * 1024 * 1024 }, environment: { OOM_AFTER: '0' } };
    const one = webTask(await pinOf(lab, 'oom'), { spec });
    await agent.assign([one]);
    await eventually(() => exits().length > 0, { timeout: 30_000 });
    expect(exits()[0]?.record).toMatchObject({ outOfMemory: true, endedBy: 'itself' });
  });

  test('a container removed by hand is replaced, and the record says who removed it', async () => {
    const one = webTask(good);
    await agent.assign([one]);
    const { containerId } = await agent.ready(one.taskId);
    await agent.docker.getContainer(containerId ?? '').remove({ force: true });
    await agent.until(one.taskId, (report) => report.attempt === 2 && report.ready, 'to be back');
    expect(exits()[0]?.record.endedBy).toBe('outside');
  });
});

describe('secrets', () => {
  test('D7 are files in memory, absent from inspect and from every file of the agent', async () => {
    const canary = `canary-${randomUUID()}`;
    const secret = {
      objectId: randomUUID(),
      version: 1,
      target: '/run/secrets/password',
      uid: '1000',
      gid: '1000',
      mode: 0o400,
      contentBase64: Buffer.from(canary).toString('base64'),
    };
    const one = webTask(good, { secrets: [secret], spec: { readOnly: true } });
    await agent.assign([one]);
    const { containerId } = await agent.ready(one.taskId);
    const seen = await host.exec([
      'docker',
      '-H',
      'unix:///run/docker.sock',
      'exec',
      containerId ?? '',
      'ls',
      '-ln',
      '/run/secrets/password',
    ]);
    expect(seen.stdout).toMatch(/^-r--------\s+1 1000\s+1000/);
    expect(JSON.stringify(await inspect(one.taskId))).not.toContain(canary);
    const type = await host.exec(['stat', '-f', '-c', '%T', `/run/portreeve/${one.taskId}`]);
    expect(type.stdout.trim()).toBe('tmpfs');
    const encoded = Buffer.from(canary).toString('base64');
    const found = await host.exec([
      'grep',
      '-rlE',
      `${canary}|${encoded}`,
      agent.stateDir,
      '/var/lib/docker/containers',
    ]);
    expect(found.stdout).toBe('');
    await agent.assign([]);
    await eventually(async () => (await host.exec(['ls', '/run/portreeve'])).stdout.trim() === '');
  });
});

describe('containers of others', () => {
  test('T5 one with our label that is in no record is left alone and reported', async () => {
    await agent.kill();
    const stranger = await agent.docker.createContainer({
      Image: `${good.kind === 'digest' ? `${good.registry}/web@${good.digest}` : ''}`,
      Labels: { 'io.portreeve.node': agent.peer.nodeId, 'io.portreeve.task': randomUUID() },
    });
    await stranger.start();
    await agent.start();
    const one = webTask(good);
    await agent.assign([one]);
    await agent.ready(one.taskId);
    expect((await stranger.inspect()).State.Running).toBe(true);
    const texts = () => agent.peer.reports.flatMap((report) => report.events.map((event) => event.text));
    await eventually(() => texts().some((text) => text.includes("not in this host's record")));
  });

  test('T9 a foreign container is replaced and removed once the task is ready', async () => {
    const image = good.kind === 'digest' ? `${good.registry}/web@${good.digest}` : '';
    const foreign = await agent.docker.createContainer({ Image: image, name: `old-${randomUUID()}` });
    await foreign.start();
    const one = webTask(good, { replacesContainer: foreign.id });
    await agent.assign([one]);
    await agent.ready(one.taskId);
    await eventually(async () => (await containers()).every((container) => container.Id !== foreign.id));
  });
});

describe('networks and volumes', () => {
  test('a task has its address, its MAC and its names, and its volume outlives it', async () => {
    const networkId = randomUUID();
    const volumeId = randomUUID();
    const network = {
      networkId,
      name: 'default',
      stack: 'shop',
      vni: 4242,
      subnet: '10.200.0.0/24',
      gateway: '10.200.0.1',
      gatewayMac: '02:50:0a:c8:00:01',
      internal: false,
      mtu: 1450,
      crossHost: false,
      peers: [],
      members: [],
    };
    const second = {
      ...network,
      networkId: randomUUID(),
      name: 'back',
      vni: 4243,
      subnet: '10.201.0.0/24',
      gateway: '10.201.0.1',
    };
    const one = webTask(good, {
      networks: [
        { networkId, address: '10.200.0.9', mac: '02:50:0a:c8:00:09', aliases: ['web'] },
        { networkId: second.networkId, address: '10.201.0.9', mac: '02:50:0a:c9:00:09', aliases: ['web'] },
      ],
      volumes: [
        { source: 'data', volumeId, engineName: `pr-${volumeId}`, driver: 'local', driverOptions: {} },
      ],
      spec: {
        mounts: [
          { kind: 'volume', source: 'data', target: '/data' },
          { kind: 'volume', target: '/scratch' },
        ],
      },
    });
    await agent.assign([one], { networks: [network, second] });
    await agent.ready(one.taskId);
    const endpoints = (await inspect(one.taskId)).NetworkSettings.Networks;
    expect(endpoints[`pr-${networkId}`]).toMatchObject({
      IPAddress: '10.200.0.9',
      MacAddress: '02:50:0a:c8:00:09',
    });
    expect(endpoints[`pr-${second.networkId}`]).toMatchObject({ IPAddress: '10.201.0.9' });
    const volumes = async () =>
      ((await agent.docker.listVolumes()).Volumes ?? []).map((volume) => volume.Name);
    expect(await volumes()).toEqual(expect.arrayContaining([`pr-${volumeId}`, `pr-anon-${one.taskId}-1`]));
    await agent.assign([]);
    await eventually(async () => !(await volumes()).includes(`pr-anon-${one.taskId}-1`));
    expect(await volumes()).toContain(`pr-${volumeId}`);
    await eventually(
      async () => (await agent.docker.listNetworks()).every((seen) => !seen.Name.startsWith('pr-')),
      {
        timeout: 20_000,
      },
    );
  });
});

describe('what a task may mount of its host', () => {
  const bound = (source: string) =>
    webTask(good, {
      spec: { mounts: [{ kind: 'bind', source, target: '/mounted' }], restart: { condition: 'none' } },
    });
  const refused = async (one: ReturnType<typeof webTask>, reason: string | RegExp) => {
    await agent.assign([one]);
    const report = await agent.until(one.taskId, (seen) => seen.state === 'failed', 'to be refused');
    expect(report.reason).toMatch(reason);
    expect(await containers()).toHaveLength(0);
  };

  test('a folder, made where it is not there, and by its resolved path', async () => {
    await host.exec(['ln', '-s', '/srv', '/opt/link']);
    const one = bound('/opt/link/new');
    await agent.assign([one]);
    await agent.ready(one.taskId);
    const { Mounts } = await inspect(one.taskId);
    expect(Mounts).toContainEqual(expect.objectContaining({ Source: '/srv/new', Destination: '/mounted' }));
  });

  test("S-1 no link of the host to the engine's socket, to its processes or to the agent's own folder", async () => {
    await host.exec(['ln', '-sfn', '/run/docker.sock', '/srv/socket']);
    await host.exec(['ln', '-sfn', '/', '/srv/root']);
    await refused(bound('/srv/socket'), 'does not mount /srv/socket: it leads to /run/docker.sock');
    await refused(bound('/srv/root/proc/1'), 'it leads to /proc/1');
    await refused(bound(`/srv/root${agent.stateDir}`), `leads to ${agent.stateDir}`);
    await refused(bound('/var/lib'), 'keys');
  });

  test('S-2 no volume that was there before and is a folder of the host in disguise', async () => {
    const DriverOpts = { type: 'none', o: 'bind', device: '/etc' };
    await agent.docker.createVolume({ Name: 'disguised', Driver: 'local', DriverOpts });
    const volume = { source: 'data', volumeId: randomUUID(), engineName: 'disguised', driver: 'local' };
    const spec = {
      mounts: [{ kind: 'volume' as const, source: 'data', target: '/data' }],
      restart: { condition: 'none' as const },
    };
    await refused(
      webTask(good, { spec, volumes: [{ ...volume, driverOptions: {} }] }),
      'a bind of /etc in disguise',
    );
    const known = webTask(good, { spec, volumes: [{ ...volume, driverOptions: DriverOpts }] });
    await agent.assign([known]);
    await agent.ready(known.taskId);
  });
});
