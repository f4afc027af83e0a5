import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { awaitHealth, dockerOf, pull, runContainer } from './docker.ts';
import { eventually, type Lab, type LabHost, startLab } from './lab.ts';
import { labDir } from './state.ts';

const MINUTE = 60_000;
let lab: Lab;
let one: LabHost;
let two: LabHost;

beforeAll(async () => {
  lab = await startLab({ hosts: 3 });
  [one, two] = [lab.host('node-1'), lab.host('node-2')];
}, 5 * MINUTE);
afterEach(() => lab.reset(), MINUTE);
afterAll(() => lab?.stop(), MINUTE);

const good = () => lab.registry?.imageRef('web', 'good') ?? '';
const publish = { PortBindings: { '8080/tcp': [{ HostPort: '8080' }] } };
const ask = async (host: LabHost, timeout = 1000) =>
  (await fetch(`http://${host.address}:8080/`, { signal: AbortSignal.timeout(timeout) })).text();

describe('hosts', () => {
  test('each has its own hostname, processes, address and engine', async () => {
    const names = await Promise.all(
      lab.hosts.map(async (host) => (await host.exec(['hostname'])).stdout.trim()),
    );
    expect(names).toEqual(['node-1', 'node-2', 'node-3']);
    const engines = await Promise.all(lab.hosts.map((host) => dockerOf(host).info()));
    expect(new Set(engines.map((info) => info.ID)).size).toBe(3);
    expect(engines.map((info) => info.Name)).toEqual(names);
    expect(engines.map((info) => info.LiveRestoreEnabled)).toEqual([true, true, true]);
    expect((await one.exec(['cat', '/proc/1/comm'])).stdout.trim()).toBe('tini');
    expect((await one.exec(['ping', '-c1', '-W2', two.address])).code).toBe(0);
  });

  test('a host runs an image of the registry, healthy, and is reached from here and from others', async () => {
    const container = await runContainer(one, {
      Image: good(),
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: publish,
    });
    await awaitHealth(container, 'healthy');
    expect(await ask(one)).toContain('"version":"good"');
    expect((await two.exec(['curl', '-fsS', `http://${one.address}:8080/`])).stdout).toContain(
      '"version":"good"',
    );
  });

  test('a host reaches a server of this machine, and is told at once that the world is not there', async () => {
    const server = createServer((_, response) => response.end('here')).listen(0, lab.bridgeAddress);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect((await one.exec(['curl', '-fsS', `http://${lab.bridgeAddress}:${port}/`])).stdout).toBe('here');
    server.close();
    const outside = await one.exec(['curl', '-sS', 'http://192.0.2.77/'], { timeoutMs: 5000 });
    expect(outside.code).toBe(7);
    const name = await one.exec(['getent', 'hosts', 'example.com'], { timeoutMs: 5000 });
    expect(name.code).toBe(2);
    const known = await one.exec(['getent', 'hosts', 'node-2']);
    expect(known.stdout).toContain(two.address);
  });

  test('processes: input, files, environment, time limit, signals', async () => {
    expect((await one.exec(['cat'], { input: 'in' })).stdout).toBe('in');
    expect(await one.exec(['sh', '-c', 'echo $WORD; exit 3'], { env: { WORD: 'x' } })).toMatchObject({
      code: 3,
      stdout: 'x\n',
    });
    expect((await one.exec(['sleep', '60'], { timeoutMs: 100 })).code).toBeNull();
    await one.writeFile('/etc/a/b', 'text', 0o600);
    expect(await one.readFile('/etc/a/b')).toBe('text');
    expect(existsSync('/etc/a/b')).toBe(false);
    const process = one.spawn(['sh', '-c', 'trap "exit 5" TERM; echo up; while :; do sleep 0.05; done']);
    await eventually(async () => (await one.exec(['pgrep', '-f', 'trap'])).code === 0);
    await process.kill('SIGTERM');
    expect(await process.exited).toEqual({ code: 5, signal: null });
  });
});

describe('cleaning up', () => {
  test('the registry goes and comes back with its images', async () => {
    await lab.registry?.stop();
    await expect(pull(one, lab.registry?.imageRef('web', 'good2') ?? '')).rejects.toThrow();
    await lab.registry?.start();
    await pull(one, lab.registry?.imageRef('web', 'good2') ?? '');
  });

  test('reset leaves images, and nothing else', async () => {
    await runContainer(one, { Image: good() });
    await dockerOf(one).createNetwork({ Name: 'mine' });
    await dockerOf(one).createVolume({ Name: 'mine' });
    await one.writeFile('/var/lib/portreeve/state', 'x');
    await one.exec([
      'ip',
      'link',
      'add',
      'vx1',
      'type',
      'vxlan',
      'id',
      '1',
      'dstport',
      '4790',
      'local',
      one.address,
    ]);
    await two.kill();
    await lab.reset();
    expect(await dockerOf(one).listContainers({ all: true })).toEqual([]);
    expect(await dockerOf(one).listNetworks({ filters: { type: ['custom'] } })).toEqual([]);
    expect((await dockerOf(one).listVolumes()).Volumes ?? []).toEqual([]);
    expect(await dockerOf(one).listImages()).not.toEqual([]);
    expect((await one.exec(['ls', '/var/lib/portreeve'])).code).not.toBe(0);
    expect((await one.exec(['ip', 'link', 'show', 'vx1'])).code).not.toBe(0);
    expect(two.pid).toBeDefined();
  });

  test(
    'a lab whose owner is killed is taken down, others live on',
    async () => {
      const script = `import { startLab } from ${JSON.stringify(fileURLToPath(new URL('lab.ts', import.meta.url)))};
      const lab = await startLab({ hosts: 1, id: 'orphan', registry: false });
      console.log(lab.hosts[0].pid);
      setInterval(() => {}, 1000);`;
      const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await once(owner.stdout, 'data');
      const init = Number(String(line).trim());
      expect(existsSync(`/proc/${init}`)).toBe(true);
      owner.kill('SIGKILL');
      await eventually(() => !existsSync(labDir('orphan')) && !existsSync(`/proc/${init}`), {
        timeout: 20_000,
      });
      expect((await one.exec(['true'])).code).toBe(0);
    },
    MINUTE,
  );
});
