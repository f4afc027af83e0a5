import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awaitHealth, dockerOf, runContainer } from './docker.ts';
import { buildImage } from './images/build.ts';
import { seconds } from './images/config.ts';
import { busyboxFiles } from './images/files.ts';
import type { WebTag } from './images/web.ts';
import { eventually, type Lab, type LabHost, startLab } from './lab.ts';

const MINUTE = 60_000;
let lab: Lab;
let host: LabHost;

beforeAll(async () => {
  lab = await startLab({ hosts: 1, diskGiB: 2 });
  host = lab.host('node-1');
}, 5 * MINUTE);
afterAll(() => lab?.stop(), MINUTE);

const image = (name: string, tag: string) => lab.registry?.imageRef(name, tag) ?? '';
const web = (tag: WebTag, options: Partial<Docker.ContainerCreateOptions> = {}) =>
  runContainer(host, { Image: image('web', tag), ...options });

async function fetchInside(
  container: Docker.Container,
  path: string,
): Promise<{ code: number; body: string }> {
  const { IPAddress } = (await container.inspect()).NetworkSettings.Networks.bridge ?? {};
  const url = `http://${IPAddress}:8080${path}`;
  const { stdout } = await host.exec(['curl', '-sS', '-m', '5', '-w', '\n%{http_code}', url]);
  const at = stdout.lastIndexOf('\n');
  return { code: Number(stdout.slice(at)), body: stdout.slice(0, at) };
}

async function ended(container: Docker.Container): Promise<{ code: number; oom: boolean }> {
  await container.wait();
  const { State } = await container.inspect();
  return { code: State.ExitCode, oom: State.OOMKilled };
}

describe.concurrent('the test application', () => {
  test('good ones say who they are, and end on TERM with what they were doing done', async () => {
    for (const tag of ['good', 'good2', 'good3'] as const) {
      const container = await web(tag, {
        Hostname: `host-of-${tag}`,
        Env: ['TASK=web.1'],
        HostConfig: { ReadonlyRootfs: true },
      });
      const answer = await eventually(async () => {
        const seen = await fetchInside(container, '/');
        return seen.code === 200 && seen;
      });
      expect(JSON.parse(answer.body)).toMatchObject({
        version: tag,
        hostname: `host-of-${tag}`,
        task: 'web.1',
      });
      expect((await fetchInside(container, '/healthz')).code).toBe(200);
      expect((await fetchInside(container, '/nothing')).code).toBe(404);
      const staying = fetchInside(container, '/stay?s=1');
      await eventually(async () => JSON.stringify(await container.top()).includes('sleep 1'));
      await container.stop({ t: 10 });
      expect(await staying).toMatchObject({ code: 200 });
      expect(await ended(container)).toEqual({ code: 0, oom: false });
    }
  });

  test('many ask at once', async () => {
    const container = await web('good');
    await awaitHealth(container, 'healthy');
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetchInside(container, '/')));
    expect(answers.map((answer) => answer.code)).toEqual(answers.map(() => 200));
  });

  test('slow refuses first and is healthy later', async () => {
    const container = await web('slow');
    await eventually(async () => (await fetchInside(container, '/healthz')).code === 503);
    await awaitHealth(container, 'healthy');
    expect((await fetchInside(container, '/')).code).toBe(200);
  });

  test('never-healthy is called unhealthy, and stays up', async () => {
    const container = await web('never-healthy');
    await awaitHealth(container, 'unhealthy');
    expect((await fetchInside(container, '/')).code).toBe(503);
    expect((await container.inspect()).State.Running).toBe(true);
  });

  test('crash ends after three seconds with code 7', async () => {
    const container = await web('crash');
    await awaitHealth(container, 'healthy');
    expect(await ended(container)).toEqual({ code: 7, oom: false });
  });

  test('oom is killed for its memory', async () => {
    const container = await web('oom', { HostConfig: { Memory: 64 * 1024 ** 2 } });
    expect(await ended(container)).toEqual({ code: 137, oom: true });
  });

  test('ignore-term has to be killed', async () => {
    const container = await web('ignore-term');
    await awaitHealth(container, 'healthy');
    await container.stop({ t: 2 });
    expect(await ended(container)).toEqual({ code: 137, oom: false });
  });

  test('the client resolves names and asks, and ends on TERM', async () => {
    const network = await dockerOf(host).createNetwork({ Name: 'names' });
    const target = await web('good', { name: 'target', HostConfig: { NetworkMode: 'names' } });
    const client = await runContainer(host, {
      Image: image('client', 'latest'),
      HostConfig: { NetworkMode: 'names' },
    });
    const inside = (...argv: string[]) =>
      host.exec(['docker', 'exec', client.id, ...argv], { timeoutMs: 10_000 });
    expect((await inside('curl', '-sS', 'http://target:8080/')).stdout).toContain('"version":"good"');
    expect((await inside('getent', 'hosts', 'target')).stdout).toContain('target');
    expect((await inside('getent', 'hosts', 'example.com')).code).toBe(2);
    await client.stop({ t: 10 });
    expect(await ended(client)).toEqual({ code: 0, oom: false });
    await target.remove({ force: true });
    await network.remove();
  });

  test('an image is built in an engine with no registry, and keeps its configuration', async () => {
    await buildImage({
      docker: host.dockerSocket,
      name: 'built:1',
      files: [...busyboxFiles(), { path: '/srv/text', content: 'x' }],
      config: {
        Entrypoint: ['cat'],
        Cmd: ['/srv/text'],
        Env: ['PATH=/bin', 'QUOTED=a "b" $c \\d'],
        Labels: { 'a.b': 'c d' },
        ExposedPorts: { '80/tcp': {} },
        Healthcheck: { Test: ['CMD', 'true'], Interval: seconds(2), Retries: 4 },
        WorkingDir: '/srv',
      },
    });
    const { Config } = await dockerOf(host).getImage('built:1').inspect();
    expect(Config).toMatchObject({
      Entrypoint: ['cat'],
      Cmd: ['/srv/text'],
      Labels: { 'a.b': 'c d' },
      WorkingDir: '/srv',
    });
    expect(Config.Env).toContain('QUOTED=a "b" $c \\d');
    expect(Config.Healthcheck).toMatchObject({ Test: ['CMD', 'true'], Interval: seconds(2), Retries: 4 });
    const container = await dockerOf(host).createContainer({ Image: 'built:1' });
    await container.start();
    expect(await ended(container)).toEqual({ code: 0, oom: false });
  });
});
