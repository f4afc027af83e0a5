import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { awaitHealth, dockerOf, runContainer } from './docker.ts';
import { eventually, type Lab, type LabHost, startLab } from './lab.ts';
import { processNow } from './process-id.ts';

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

describe('accidents', () => {
  test('a power cut ends everything, a boot finds images and files', async () => {
    const container = await runContainer(one, {
      Image: good(),
      HostConfig: { RestartPolicy: { Name: 'no' } },
    });
    await one.writeFile('/var/lib/kept', 'yes');
    const before = one.pid;
    await one.kill();
    expect(one.pid).toBeUndefined();
    // Perhaps its number is not yet collected, but nothing runs under it.
    expect(processNow(before ?? 0)).toBeUndefined();
    await expect(dockerOf(one).ping()).rejects.toThrow();
    await one.boot();
    expect(one.pid).not.toBe(before);
    expect((await container.inspect()).State.Running).toBe(false);
    expect(
      (await dockerOf(one).getImage(good()).inspect()).Config.Labels['org.opencontainers.image.version'],
    ).toBe('good');
    expect(await one.readFile('/var/lib/kept')).toBe('yes');
    await container.start();
    await awaitHealth(container, 'healthy');
  });

  test('a power cut closes no connection: who was connected hears nothing', async () => {
    await runContainer(one, { Image: good(), HostConfig: publish });
    await eventually(() => ask(one));
    const socket = connect(8080, one.address);
    await once(socket, 'connect');
    let heard = false;
    for (const word of ['data', 'end', 'error', 'close']) socket.on(word, () => (heard = true));
    await one.kill();
    // Whatever the ending processes sent would be here before this answer.
    expect((await two.exec(['ping', '-c1', '-W2', lab.bridgeAddress])).code).toBe(0);
    expect(heard).toBe(false);
    socket.destroy();
    await one.boot();
  });

  test('a partition cuts one host off, in one direction or both, until healed', async () => {
    const reaches = async () => (await one.exec(['ping', '-c1', '-W1', two.address])).code === 0;
    await one.partition();
    expect(await reaches()).toBe(false);
    expect((await two.exec(['ping', '-c1', '-W2', lab.bridgeAddress])).code).toBe(0);
    expect((await dockerOf(one).ping()).toString()).toBe('OK');
    await one.heal();
    expect(await reaches()).toBe(true);
    await one.partition({ direction: 'in' });
    expect(await reaches()).toBe(false);
    const received = async () =>
      Number((await two.readFile('/sys/class/net/eth0/statistics/rx_packets')).trim());
    const start = await received();
    await reaches();
    expect(await received()).toBeGreaterThan(start);
    await one.reboot();
    expect(await reaches()).toBe(false);
  });

  test('a slow link delays, each way, and survives a reboot', async () => {
    // The fastest of three: what a busy machine adds is not the link's.
    const roundTrip = async () => {
      const { stdout } = await one.exec(['ping', '-c3', '-i0.2', '-W2', two.address]);
      return Number(/= ([\d.]+)\//.exec(stdout)?.[1]);
    };
    expect(await roundTrip()).toBeLessThan(95);
    await one.slow({ delayMs: 50 });
    expect(await roundTrip()).toBeGreaterThan(95);
    await runContainer(one, { Image: good(), ExposedPorts: { '8080/tcp': {} }, HostConfig: publish });
    expect(await eventually(() => ask(one))).toContain('good');
    await one.reboot();
    expect(await roundTrip()).toBeGreaterThan(95);
    await one.slow({ lossPercent: 100 });
    expect((await one.exec(['ping', '-c1', '-W1', two.address])).code).toBe(1);
    await one.heal();
    expect(await roundTrip()).toBeLessThan(95);
  });

  test('a full disk is full on that host only', async () => {
    const write = (host: LabHost) =>
      host.exec(['dd', 'if=/dev/zero', 'of=/var/lib/docker/some', 'bs=1M', 'count=20']);
    await one.fillDisk(0);
    const refused = await write(one);
    expect(refused.stderr).toContain('No space left on device');
    await expect(one.writeFile('/root/x', 'more')).rejects.toThrow('No space left');
    expect((await write(two)).code).toBe(0);
    await one.freeDisk();
    expect((await write(one)).code).toBe(0);
    await one.fillDisk(100 * 1024 ** 2);
    expect((await write(one)).code).toBe(0);
  });

  test('containers outlive their engine', async () => {
    const container = await runContainer(one, {
      Image: good(),
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: publish,
    });
    const { Pid } = (await container.inspect()).State;
    await one.engine.restart();
    expect((await container.inspect()).State.Pid).toBe(Pid);
    await one.engine.kill();
    await expect(dockerOf(one).ping()).rejects.toThrow();
    expect((await one.exec(['kill', '-0', String(Pid)])).code).toBe(0);
    await one.engine.start();
    expect((await container.inspect()).State).toMatchObject({ Pid, Running: true });
    expect(await ask(one)).toContain('good');
  });
});
