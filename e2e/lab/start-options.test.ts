import { expect, test } from 'vitest';
import { chooseEngine } from './engine-choice.ts';
import { startOptions } from './start-options.ts';

test('a person gets three hosts, or as many as wished for, with engines of one kind or mixed', () => {
  expect(startOptions([])).toEqual({ hosts: 3 });
  const mixed = startOptions(['4', '--engine', 'debian,podman', '--init', 'systemd']);
  expect(mixed).toEqual({ hosts: 4, engine: ['debian', 'podman'], init: 'systemd' });
  const { kindOf } = chooseEngine(mixed);
  expect([0, 1, 2, 3].map(kindOf)).toEqual(['debian', 'podman', 'podman', 'podman']);
});

test('what is no kind of engine, and no number of hosts, is said', () => {
  expect(() => startOptions(['3', '--engine', 'debian,rkt'])).toThrow(
    '--engine is debian, current, podman, rootless, not "rkt"',
  );
  expect(() => startOptions(['many'])).toThrow('"many" is no number of hosts');
  expect(() => chooseEngine(startOptions(['3', '/nowhere', '--engine', 'debian,current']))).toThrow(
    '/nowhere',
  );
});
