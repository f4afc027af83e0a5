import { describe, expect, it } from 'vitest';
import { decide, fill, MIB, nodeOf } from '../../test/decisions.ts';
import { GIB, node, request } from '../../test/samples.ts';
import type { PlacementNode, PlacementRequest } from './types.ts';

describe('platforms', () => {
  const asked = (...architectures: string[]) =>
    request({ platforms: architectures.map((architecture) => ({ os: 'linux', architecture })) });

  it('of an image are any of those it is made for', () => {
    const nodes = [node('a', { architecture: 's390x' }), node('b', { architecture: 'arm64' })];
    expect(nodeOf(decide(asked('amd64', 'arm64'), nodes))).toBe('b');
    expect(nodeOf(decide(asked('amd64', 'riscv64'), nodes))).toBe(
      'none: no node fits: 2 nodes are not linux/amd64 or linux/riscv64',
    );
  });

  it.each([
    ['x86_64', 'amd64', true],
    ['aarch64', 'arm64', true],
    ['386', 'amd64', true],
    ['arm', 'arm64', true],
    ['amd64', '386', false],
    ['arm64', 'amd64', false],
  ])('%s on %s: %s', (image, host, fits) => {
    expect(decide(asked(image), [node('a', { architecture: host })]).kind === 'placed').toBe(fits);
  });

  it.each(['x86_64', 'amd64', 'AMD64'])('are called as Swarm does in constraints too: %s', (value) => {
    const rule = (operator: '==' | '!=') => ({ key: 'node.platform.arch', operator, value });
    expect(decide(request({ constraints: [rule('==')] }), [node('a')]).kind).toBe('placed');
    expect(decide(request({ constraints: [rule('!=')] }), [node('a')]).kind).toBe('unplaceable');
  });
});

describe('a filter refuses and says why', () => {
  const cases: {
    rule: string;
    asked?: Partial<PlacementRequest>;
    is: Partial<PlacementNode>;
    says: string;
  }[] = [
    { rule: 'cordoned', is: { availability: 'cordoned' }, says: '1 node is cordoned' },
    { rule: 'draining', is: { availability: 'draining' }, says: '1 node is draining' },
    { rule: 'lost', is: { state: 'lost' }, says: '1 node is lost' },
    { rule: 'silent', is: { state: 'unknown' }, says: '1 node is silent' },
    { rule: 'coming back', is: { state: 'returning' }, says: '1 node is just coming back' },
    {
      rule: 'engine down',
      is: { engineReachable: false },
      says: '1 node has an engine that does not answer',
    },
    { rule: 'another project', is: { projectPath: '/erp' }, says: '1 node belongs to /erp' },
    {
      rule: 'a project below',
      is: { projectPath: '/shop/prod' },
      says: '1 node belongs to /shop/prod',
    },
    {
      rule: 'a project that keeps to its own nodes',
      is: { projectPath: '/', keptFrom: ['/bank', '/shop'] },
      says: '1 node is none of /shop, whose tasks run only on nodes of its own',
    },
    {
      rule: 'only another node',
      asked: { onlyNodeId: 'z' },
      is: {},
      says: '1 node is not the one it is for',
    },
    {
      rule: 'platform',
      asked: { platforms: [{ os: 'linux', architecture: 'arm64' }] },
      is: {},
      says: '1 node is not linux/arm64',
    },
    {
      rule: 'constraint',
      asked: { constraints: [{ key: 'node.labels.disk', operator: '==', value: 'ssd' }] },
      is: { labels: { disk: 'hdd' } },
      says: '1 node does not meet the constraint node.labels.disk == ssd',
    },
    {
      rule: 'constraint by exclusion',
      asked: { constraints: [{ key: 'node.hostname', operator: '!=', value: 'A' }] },
      is: {},
      says: '1 node does not meet the constraint node.hostname != A',
    },
    {
      rule: 'volume elsewhere',
      asked: { volumes: [{ name: 'data', nodeId: 'z' }] },
      is: {},
      says: '1 node does not have volume data',
    },
    {
      rule: 'image elsewhere',
      asked: { pinnedNodeId: 'z' },
      is: {},
      says: '1 node does not have the image, which is in no registry',
    },
    {
      rule: 'no cross-host networks',
      asked: { needsCrossHostNetwork: true },
      is: { crossHostNetworks: { able: false, reason: 'rootless engine' } },
      says: '1 node cannot join networks across hosts (rootless engine)',
    },
    {
      rule: 'older agent',
      asked: { needsFeatures: ['network-mode-bridge'] },
      is: {},
      says: '1 node has an agent that is older and does not know network_mode: bridge',
    },
    {
      rule: 'most per node',
      asked: { maxPerNode: 2 },
      is: { tasksOfService: { web: 2 } },
      says: '1 node has as many tasks of web as a node may have (2)',
    },
    {
      rule: 'fixed port',
      asked: { ports: [{ target: 80, from: 80, to: 80, protocol: 'tcp' }] },
      is: { usedPorts: [{ port: 80, protocol: 'tcp' }] },
      says: '1 node has port 80 in use',
    },
    {
      rule: 'memory',
      asked: { reservations: { memoryBytes: 512 * MIB } },
      is: { reserved: { cpus: 0, memoryBytes: 4 * GIB - 200 * MIB, pids: 0 } },
      says: '1 node has not enough memory (needs 512 MiB, 200 MiB free)',
    },
    {
      rule: 'processor',
      asked: { reservations: { cpus: 2 } },
      is: { reserved: { cpus: 3, memoryBytes: 0, pids: 0 } },
      says: '1 node has not enough CPU (needs 2 cores, 1 core free)',
    },
    {
      rule: 'process ids',
      asked: { reservations: { pids: 200 } },
      is: { reserved: { cpus: 0, memoryBytes: 0, pids: 9_900 } },
      says: '1 node has not enough process ids (needs 200, 100 free)',
    },
  ];

  it.each(cases)('$rule', ({ asked, is, says }) => {
    const decision = decide(request(asked), [node('a', is)]);
    expect(decision.kind === 'unplaceable' && decision.sentence).toBe(`no node fits: ${says}`);
  });

  it('counts each node at the first filter that it fails', () => {
    const decision = decide(request({ reservations: { memoryBytes: 512 * MIB } }), [
      node('a', { availability: 'cordoned' }),
      node('b', { availability: 'cordoned', reserved: { cpus: 0, memoryBytes: 4 * GIB, pids: 0 } }),
      fill('c', 200 * MIB),
    ]);
    expect(decision).toMatchObject({
      kind: 'unplaceable',
      sentence:
        'no node fits: 2 nodes are cordoned; 1 node has not enough memory (needs 512 MiB, 200 MiB free)',
      filters: [
        { filter: 'ready', failed: 2 },
        { filter: 'resources', failed: 1 },
      ],
    });
  });

  it('names the most that is free when several lack it', () => {
    const decision = decide(request({ reservations: { memoryBytes: GIB } }), [
      fill('a', 100 * MIB),
      fill('b', 300 * MIB),
    ]);
    expect(decision.kind === 'unplaceable' && decision.sentence).toBe(
      'no node fits: 2 nodes have not enough memory (needs 1 GiB, at most 300 MiB free)',
    );
  });

  it('says that there are no nodes', () => {
    expect(decide(request(), [])).toMatchObject({
      sentence: 'no node fits: there are no nodes',
      cheapestChange: 'add a node',
    });
  });
});

describe('the cheapest change that would make it fit', () => {
  const change = (asked: PlacementRequest, nodes: PlacementNode[]): string | undefined => {
    const decision = decide(asked, nodes);
    return decision.kind === 'unplaceable' ? decision.cheapestChange : 'it fits';
  };
  const big = request({ reservations: { memoryBytes: 512 * MIB } });

  it('is to uncordon a node that passes all else', () => {
    expect(change(big, [fill('node-1', 200 * MIB), node('node-2', { availability: 'cordoned' })])).toBe(
      'uncordon node-2',
    );
  });

  it('is to free what is missing where the least is', () => {
    expect(change(big, [fill('node-1', 100 * MIB), fill('node-3', 200 * MIB)])).toBe(
      'free 312 MiB on node-3',
    );
  });

  it('is to free a port', () => {
    const asked = request({ ports: [{ target: 80, from: 80, to: 80, protocol: 'tcp' }] });
    expect(change(asked, [node('a', { usedPorts: [{ port: 80, protocol: 'tcp' }] })])).toBe(
      'free port 80 on a',
    );
  });

  it('is to label a node', () => {
    const asked = request({ constraints: [{ key: 'node.labels.disk', operator: '==', value: 'ssd' }] });
    expect(change(asked, [node('a')])).toBe('label a with disk=ssd');
  });

  it('joins all that is in the way on one node', () => {
    expect(change(big, [{ ...fill('a', 200 * MIB), availability: 'cordoned' }])).toBe(
      'uncordon a and free 312 MiB on a',
    );
  });

  it('is nothing when no node could ever hold it', () => {
    expect(change(request({ reservations: { memoryBytes: 64 * GIB } }), [node('a')])).toBeUndefined();
  });

  it('is nothing when its data is on a host that is gone', () => {
    expect(change(request({ volumes: [{ name: 'data', nodeId: 'z' }] }), [node('a')])).toBeUndefined();
  });
});
