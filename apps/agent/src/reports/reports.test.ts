import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseCgroups, parseNetDev } from './cgroup.ts';
import { parseOsRelease, parseRoutes } from './host.ts';
import { meanOf } from './metrics.ts';
import { coresBetween } from './pressure.ts';
import { statsBetween } from './stats.ts';

test('cgroups of both versions are found', () => {
  expect(parseCgroups('0::/docker/abc\n').get('')).toBe('/docker/abc');
  const v1 = parseCgroups('4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n');
  expect([v1.get('memory'), v1.get('cpuacct')]).toEqual(['/docker/abc', '/docker/abc']);
});

test('bytes of all interfaces but loopback are counted', () => {
  const content = `Inter-|   Receive                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes
    lo:     100       1    0    0    0     0          0         0      100 1 0 0 0 0 0 0
  eth0:    2000      10    0    0    0     0          0         0     3000 9 0 0 0 0 0 0
`;
  expect(parseNetDev(content)).toEqual({ receivedBytes: 2000, sentBytes: 3000 });
});

test('CPU in use is in cores, whatever their number', () => {
  const before = { busy: 100, all: 1_000 };
  expect(coresBetween(before, { busy: 200, all: 1_400 }, 4)).toBe(1);
  expect(coresBetween(before, { busy: 500, all: 1_400 }, 4)).toBe(4);
  expect(coresBetween(before, before, 4)).toBe(0);
});

test('counters become figures per second', () => {
  const usage = {
    cpuSeconds: 1,
    memoryBytes: 5,
    memoryLimitBytes: undefined,
    pids: 2,
    receivedBytes: 0,
    sentBytes: 10,
  };
  const later = { ...usage, cpuSeconds: 2, sentBytes: 30 };
  const stats = statsBetween(randomUUID(), { at: 0, usage }, { at: 10_000, usage: later });
  expect(stats).toMatchObject({
    cpuCores: 0.1,
    sentBytesPerSecond: 2,
    receivedBytesPerSecond: 0,
    memoryBytes: 5,
  });
});

test('a minute is the mean of its points, for each who is in any of them', () => {
  const mean = meanOf([
    { at: 1, of: { host: [1, 10] } },
    { at: 2, of: { host: [3, 20], task: [5] } },
  ]);
  expect(mean).toEqual({ at: 2, of: { host: [2, 15], task: [5] } });
});

test('the distribution and the routes are read', () => {
  expect(parseOsRelease('ID=debian\nVERSION_ID="12"\n')).toEqual({ ID: 'debian', VERSION_ID: '12' });
  const route =
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00004D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n';
  expect(parseRoutes(route)).toEqual(['10.77.0.0/24']);
});
