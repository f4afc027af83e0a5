import type { HostPort } from '@portreeve/domain';
import { describe, expect, it } from 'vitest';
import { decide, fill, nodeOf, over } from '../../test/decisions.ts';
import { GIB, node, request } from '../../test/samples.ts';
import { planPlacement } from './plan.ts';
import type { PlacementDecision, PlacementNode, PlacementRequest } from './types.ts';

describe('a node is chosen', () => {
  const zones = (...names: string[]) => names.map((name) => node(name, { labels: { zone: name[0] ?? '' } }));
  const many = (count: number, more: Partial<PlacementRequest> = {}) =>
    Array.from({ length: count }, (_, i) => request({ taskId: `t${i + 1}`, slot: i + 1, ...more }));
  const chosen = (asked: PlacementRequest[], nodes: PlacementNode[]) =>
    planPlacement(asked, nodes).map(nodeOf);

  it('with the fewest tasks of the service', () => {
    expect(chosen(many(4), [node('a'), node('b'), node('c')])).toEqual(['a', 'b', 'c', 'a']);
  });

  it('in the failure domain with the fewest tasks of the service, before anything else', () => {
    const nodes = zones('a1', 'a2', 'b1').map((n) => (n.name === 'b1' ? { ...n, taskCount: 50 } : n));
    expect(chosen(many(4, { spreadOver: ['node.labels.zone'] }), nodes).toSorted()).toEqual([
      'a1',
      'a2',
      'b1',
      'b1',
    ]);
  });

  it('by the first failure domain before the second', () => {
    const rack = (name: string, zone: string, row: string, tasks: number) =>
      node(name, { labels: { zone, row }, tasksOfService: tasks > 0 ? { web: tasks } : {} });
    const nodes = [rack('a', 'x', '1', 1), rack('b', 'x', '2', 0), rack('c', 'y', '1', 0)];
    const asked = request({ spreadOver: ['node.labels.zone', 'node.labels.row'] });
    expect(nodeOf(decide(asked, nodes))).toBe('c');
  });

  it('with the image among nodes equally loaded', () => {
    const nodes = [node('a'), node('b', { images: new Set(['sha256:1']) })];
    expect(nodeOf(decide(request({ imageKey: 'sha256:1' }), nodes))).toBe('b');
  });

  it('with the most room', () => {
    expect(nodeOf(decide(request(), [fill('a', GIB), fill('b', 3 * GIB)]))).toBe('b');
  });

  it('with the least room when packing, task after task', () => {
    const asked = many(3, { strategy: 'binpack', reservations: { memoryBytes: GIB } });
    expect(chosen(asked, [fill('a', 4 * GIB), fill('b', 2 * GIB), fill('c', 3 * GIB)])).toEqual([
      'b',
      'b',
      'c',
    ]);
  });

  it('but not one to avoid, where another will do', () => {
    expect(nodeOf(decide(request({ avoidNodeIds: ['b'] }), [fill('a', GIB), node('b')]))).toBe('a');
    expect(nodeOf(decide(request({ avoidNodeIds: ['b'] }), [node('b')]))).toBe('b');
  });

  it('with room that the same batch has not given away', () => {
    const asked = many(3, { reservations: { memoryBytes: 2 * GIB } });
    expect(chosen(asked, [fill('a', 2 * GIB), fill('b', 2 * GIB)])).toEqual([
      'a',
      'b',
      'none: no node fits: 2 nodes have not enough memory (needs 2 GiB, at most 0 B free)',
    ]);
  });

  it('and the decision keeps its version, the five best and the counts per filter', () => {
    const nodes = [...'abcdef'].map((name) => node(name, { version: 7 }));
    const decision = decide(request(), [...nodes, node('g', { availability: 'cordoned' })]);
    expect(decision).toMatchObject({
      nodeId: 'a',
      nodeVersion: 7,
      filters: [{ filter: 'ready', failed: 1, sentence: '1 node is cordoned' }],
    });
    expect(decision.kind === 'placed' && decision.best.map(({ nodeName }) => nodeName)).toEqual([...'abcde']);
  });
});

describe('host ports', () => {
  const range = (from: number, to: number) => ({ target: 80, from, to, protocol: 'tcp' as const });
  const published = (decision: PlacementDecision) =>
    decision.kind === 'placed' ? decision.ports.map((port) => port.published) : decision.sentence;

  it('are the lowest free ones of their range', () => {
    const here = node('a', { usedPorts: [{ port: 8000, protocol: 'tcp' }] });
    expect(published(decide(request({ ports: [range(8000, 8002)] }), [here]))).toEqual([8001]);
  });

  it('go to different tasks of one batch', () => {
    const asked = [1, 2, 3].map((i) => request({ taskId: `t${i}`, ports: [range(8000, 8001)] }));
    expect(planPlacement(asked, [node('a')]).map(published)).toEqual([
      [8000],
      [8001],
      'no node fits: 1 node has every port from 8000 to 8001 in use',
    ]);
  });

  it('of overlapping ranges are dealt so that each gets one', () => {
    const asked = request({ ports: [range(8000, 8001), range(8000, 8000)] });
    expect(published(decide(asked, [node('a')]))).toEqual([8000, 8001]);
  });

  it('do not collide on different addresses of the host', () => {
    const here = node('a', { usedPorts: [{ port: 80, protocol: 'tcp', hostAddress: '10.0.0.1' }] });
    const on = (hostAddress?: string) =>
      published(decide(request({ ports: [{ ...range(80, 80), hostAddress }] }), [here]));
    expect(on('10.0.0.2')).toEqual([80]);
    expect(on('10.0.0.1')).toContain('port 80 in use');
    expect(on()).toContain('port 80 in use');
  });

  it('do not collide between tcp and udp', () => {
    const here = node('a', { usedPorts: [{ port: 53, protocol: 'tcp' }] });
    expect(published(decide(request({ ports: [{ ...range(53, 53), protocol: 'udp' }] }), [here]))).toEqual([
      53,
    ]);
  });

  it('of a task that stops first count as free on its node', () => {
    const here = node('a', { usedPorts: [{ port: 80, protocol: 'tcp' }] });
    const freed = [over('a', { ports: [{ port: 80, protocol: 'tcp' }] })];
    expect(published(decide(request({ ports: [range(80, 80)], freed }), [here]))).toEqual([80]);
  });

  it('that something else on the host holds are not free, and the sentence says so', () => {
    const here = node('a', { foreignPorts: [{ port: 80, protocol: 'tcp' }] });
    const there = node('b', { usedPorts: [{ port: 80, protocol: 'tcp' }] });
    const freed = [over('b', { ports: [{ port: 80, protocol: 'tcp' }] })];
    const asked = request({ ports: [range(80, 80)] });
    expect(decide(asked, [here, there])).toMatchObject({
      sentence:
        'no node fits: 1 node has port 80 in use, 1 node has port 80 in use by something else on that host',
    });
    expect(decide({ ...asked, freed }, [here, there])).toMatchObject({ kind: 'placed', nodeId: 'b' });
    expect(published(decide(request({ ports: [range(80, 81)] }), [here]))).toEqual([81]);
  });

  it('that something else holds on one address of the host are taken there and for all addresses', () => {
    const here = node('a', { foreignPorts: [{ port: 53, protocol: 'udp', hostAddress: '127.0.0.53' }] });
    const udp = { ...range(53, 53), protocol: 'udp' as const };
    expect(decide(request({ ports: [udp] }), [here]).kind).toBe('unplaceable');
    expect(published(decide(request({ ports: [{ ...udp, hostAddress: '10.0.0.1' }] }), [here]))).toEqual([
      53,
    ]);
  });

  it('given up once are taken once', () => {
    const here = node('a', { usedPorts: [{ port: 80, protocol: 'tcp' }] });
    const freed = [over('a', { ports: [{ port: 80, protocol: 'tcp' }] })];
    const asked = [1, 2].map((i) => request({ taskId: `t${i}`, ports: [range(80, 80)], freed }));
    expect(planPlacement(asked, [here]).map(({ kind }) => kind)).toEqual(['placed', 'unplaceable']);
  });

  const onBoth: HostPort[] = ['10.0.0.1', '10.0.0.2'].map((hostAddress) => ({
    ...{ port: 80, protocol: 'tcp' },
    hostAddress,
  }));
  const wanted = onBoth.map(({ hostAddress }, i) => ({ ...range(80, 80), target: i + 1, hostAddress }));

  it('that a task has on two addresses are both free for what takes its place', () => {
    const freed = [over('a', { ports: onBoth })];
    const asked = request({ ports: wanted, freed });
    expect(published(decide(asked, [node('a', { usedPorts: onBoth })]))).toEqual([80, 80]);
  });

  it('given up on one address stay taken on another', () => {
    const freed = [over('a', { ports: onBoth.slice(0, 1) })];
    const asked = (hostAddress: string) => request({ ports: [{ ...range(80, 80), hostAddress }], freed });
    const here = node('a', { usedPorts: onBoth });
    expect(decide(asked('10.0.0.1'), [here]).kind).toBe('placed');
    expect(decide(asked('10.0.0.2'), [here]).kind).toBe('unplaceable');
  });
});

describe('a task that is over before the new one starts', () => {
  const memory = { cpus: 0, memoryBytes: 3 * GIB, pids: 0 };
  const full = (name: string) => node(name, { reserved: memory, tasksOfService: { web: 1 }, taskCount: 1 });
  const freed = [over('a', { reserved: memory })];

  it('leaves its reservations to it, on its own node', () => {
    const asked = request({ reservations: { memoryBytes: 3 * GIB }, freed });
    expect(decide(asked, [full('a'), full('b')])).toMatchObject({ kind: 'placed', nodeId: 'a' });
    expect(decide(asked, [full('b')])).toMatchObject({
      sentence: 'no node fits: 1 node has not enough memory (needs 3 GiB, 1 GiB free)',
    });
  });

  it('does not count among the tasks that a node may have', () => {
    const asked = request({ maxPerNode: 1, freed });
    expect(decide(asked, [full('a'), full('b')])).toMatchObject({ kind: 'placed', nodeId: 'a' });
    expect(decide(request({ maxPerNode: 1 }), [full('a'), full('b')]).kind).toBe('unplaceable');
  });

  it('leaves its room once, not to every task of the batch', () => {
    const asked = [1, 2].map((i) =>
      request({ taskId: `t${i}`, reservations: { memoryBytes: 3 * GIB }, maxPerNode: 1, freed }),
    );
    expect(planPlacement(asked, [full('a')]).map(({ kind }) => kind)).toEqual(['placed', 'unplaceable']);
  });
});
