import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { disguiseOf, normalPath, reachesEngine } from './host-paths.ts';

test('a path is made normal as the host itself would read it', () => {
  const part = fc.constantFrom('a', '.', '..', '', 'b.c', '...');
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const path = `/${parts.join('/')}`;
      expect(normalPath(path)).toBe(posix.resolve(path));
    }),
  );
});

test("S-1 the engine's socket is reached from above, from below and by the names it has elsewhere", () => {
  for (const path of ['/', '/run', '/var/run/docker.sock', '/proc/1/root', '/srv/podman-1.sock'])
    expect(reachesEngine(path)).toBe(true);
  for (const path of ['/srv', '/runner', '/var/lib', '/procs']) expect(reachesEngine(path)).toBe(false);
});

test('S-2 a volume is known for the bind that it is, however its options are written', () => {
  expect(disguiseOf('local', {})).toBeUndefined();
  expect(disguiseOf('local', { size: '1g' })).toBeUndefined();
  for (const o of ['bind', 'rbind', 'bind,ro', 'ro, rbind'])
    expect(disguiseOf('local', { type: 'none', o, device: '//etc/../' })).toEqual({
      kind: 'bind',
      source: '/',
    });
  const others: Record<string, string>[] = [
    { type: 'nfs', o: 'addr=10.0.0.1', device: ':/' },
    { type: 'ext4', device: '/dev/sda1' },
    { o: 'bind', device: 'relative' },
    { type: 'overlay', o: 'lowerdir=/,upperdir=/u,workdir=/w', device: 'overlay' },
  ];
  for (const options of others) expect(disguiseOf('local', options)).toMatchObject({ kind: 'other' });
  expect(disguiseOf('plugin', {})).toMatchObject({ kind: 'other' });
});
