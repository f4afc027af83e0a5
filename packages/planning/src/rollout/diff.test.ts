import { ServiceSpec } from '@portreeve/domain';
import { describe, expect, it } from 'vitest';
import { node } from '../../test/samples.ts';
import { diffSpec } from './diff.ts';
import { needsNewTasks } from './needs-new-tasks.ts';
import { planStack, type StackService } from './plan-stack.ts';

const spec = (more: Partial<Parameters<typeof ServiceSpec.parse>[0] & object> = {}): ServiceSpec =>
  ServiceSpec.parse({ image: 'web:1', ...more });

describe('diffSpec', () => {
  it('finds nothing between equals, whatever the order of their keys', () => {
    expect(diffSpec(spec({ labels: { a: '1', b: '2' } }), spec({ labels: { b: '2', a: '1' } }))).toEqual([]);
  });

  it('names a variable by its key', () => {
    const from = spec({ environment: { PORT: '80', OLD: 'x' } });
    expect(diffSpec(from, spec({ environment: { PORT: '81', NEW: 'y' } }))).toEqual([
      { path: 'environment.PORT', from: '80', to: '81' },
      { path: 'environment.OLD', from: 'x' },
      { path: 'environment.NEW', to: 'y' },
    ]);
  });

  it('compares a port with itself and not with its neighbour', () => {
    const from = spec({ ports: [{ target: 80, published: 8080 }, { target: 443 }] });
    expect(diffSpec(from, spec({ ports: [{ target: 443 }, { target: 80, published: 8081 }] }))).toEqual([
      { path: 'ports[80/tcp].published', from: 8080, to: 8081 },
    ]);
  });

  it('takes a command as one value, for its order means something', () => {
    expect(diffSpec(spec({ command: ['a', 'b'] }), spec({ command: ['b', 'a'] }))).toEqual([
      { path: 'command', from: ['a', 'b'], to: ['b', 'a'] },
    ]);
  });

  it('says of a new service what goes beyond the defaults', () => {
    expect(diffSpec(undefined, spec({ user: 'app', mounts: [{ kind: 'tmpfs', target: '/tmp' }] }))).toEqual([
      { path: 'image', to: 'web:1' },
      { path: 'mounts[/tmp]', to: { kind: 'tmpfs', target: '/tmp' } },
      { path: 'user', to: 'app' },
    ]);
  });
});

describe('needsNewTasks', () => {
  it.each([
    ['the image', { image: 'web:2' }, true],
    ['a variable', { environment: { A: '1' } }, true],
    ['a limit', { limits: { memoryBytes: 1 } }, true],
    ['the update policy', { update: { parallelism: 3 } }, false],
    ['labels of the service', { serviceLabels: { a: 'b' } }, false],
    ['where to spread', { spreadOver: ['node.labels.zone'] }, false],
    ['a bound on tasks per node', { maxPerNode: 1 }, true],
  ])('%s: %s', (_, more, expected) => {
    expect(needsNewTasks(spec(), spec(more))).toBe(expected);
  });

  it('takes a new constraint in place only where what runs meets it', () => {
    const to = spec({ constraints: [{ key: 'node.labels.disk', operator: '==', value: 'ssd' }] });
    const ssd = node('a', { labels: { disk: 'ssd' } });
    expect(needsNewTasks(spec(), to, [ssd])).toBe(false);
    expect(needsNewTasks(spec(), to, [ssd, node('b')])).toBe(true);
    expect(needsNewTasks(spec(), to)).toBe(true);
    expect(needsNewTasks(to, spec())).toBe(false);
  });

  it('takes a looser bound per node in place', () => {
    expect(needsNewTasks(spec({ maxPerNode: 1 }), spec({ maxPerNode: 2 }))).toBe(false);
    expect(needsNewTasks(spec({ maxPerNode: 1 }), spec())).toBe(false);
    expect(needsNewTasks(spec({ maxPerNode: 2 }), spec({ maxPerNode: 1 }))).toBe(true);
  });
});

describe('planStack', () => {
  const service = (name: string, more: Partial<StackService> = {}): StackService => ({
    name,
    spec: spec(),
    replicas: 2,
    pins: { image: 'sha256:1' },
    ...more,
  });

  it('says what becomes of each service', () => {
    const current = ['same', 'rolled', 'scaled', 'moved', 'gone'].map((name) => service(name));
    const wanted = [
      service('same', { replicas: undefined }),
      service('rolled', { spec: spec({ user: 'app' }) }),
      service('scaled', { replicas: 5 }),
      service('moved', { pins: { image: 'sha256:2' } }),
      service('new'),
    ];
    expect(planStack(current, wanted)).toEqual([
      { name: 'same', action: 'untouched', changes: [] },
      { name: 'rolled', action: 'replace', changes: [{ path: 'user', to: 'app' }] },
      { name: 'scaled', action: 'update', changes: [{ path: 'replicas', from: 2, to: 5 }] },
      {
        name: 'moved',
        action: 'replace',
        changes: [{ path: 'pins.image', from: 'sha256:1', to: 'sha256:2' }],
      },
      {
        name: 'new',
        action: 'create',
        changes: [
          { path: 'image', to: 'web:1' },
          { path: 'replicas', to: 2 },
        ],
      },
      { name: 'gone', action: 'remove', changes: [] },
    ]);
  });
});
