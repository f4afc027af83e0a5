import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  explainPlacement,
  type PlacementDecision,
  type PlacementNode,
  type PlacementRequest,
  planPlacement,
} from '../src/index.ts';
import { node, request } from './samples.ts';

const GIB = 2 ** 30;

const nodes = fc
  .array(
    fc.record({
      availability: fc.constantFrom('active' as const, 'active' as const, 'cordoned' as const),
      zone: fc.constantFrom('a', 'b'),
      memory: fc.integer({ min: 0, max: 4 }),
      ports: fc.uniqueArray(fc.integer({ min: 80, max: 83 })),
      images: fc.subarray(['i1', 'i2']),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) =>
    list.map(({ availability, zone, memory, ports, images }, i) =>
      node(`n${i}`, {
        availability,
        labels: { zone },
        reserved: { cpus: 0, memoryBytes: memory * GIB, pids: 0 },
        usedPorts: ports.map((port) => ({ port, protocol: 'tcp' })),
        images: new Set(images),
      }),
    ),
  );

const requests = fc
  .array(
    fc.record({
      service: fc.constantFrom('web', 'api'),
      memory: fc.integer({ min: 0, max: 2 }),
      range: fc.option(fc.integer({ min: 0, max: 3 })),
      spread: fc.boolean(),
      strategy: fc.constantFrom('spread' as const, 'binpack' as const),
      maxPerNode: fc.option(fc.integer({ min: 1, max: 2 })),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map(({ service, memory, range, spread, strategy, maxPerNode }, i) =>
      request({
        taskId: `t${i}`,
        serviceId: service,
        strategy,
        imageKey: 'i1',
        reservations: memory === 0 ? {} : { memoryBytes: memory * GIB },
        ports: range === null ? [] : [{ target: 1, from: 80, to: 80 + range, protocol: 'tcp' }],
        spreadOver: spread ? ['node.labels.zone'] : [],
        ...(maxPerNode !== null && { maxPerNode }),
      }),
    ),
  );

/** The snapshot as it is after one decision was committed. */
const commit = (
  all: PlacementNode[],
  asked: PlacementRequest,
  decision: ReturnType<typeof planPlacement>[number],
) =>
  all.map((n) => {
    if (decision.kind !== 'placed' || decision.nodeId !== n.id) return n;
    const memoryBytes = n.reserved.memoryBytes + (asked.reservations.memoryBytes ?? 0);
    const taken = decision.ports.map(({ published, protocol }) => ({ port: published, protocol }));
    return {
      ...n,
      reserved: { ...n.reserved, memoryBytes },
      usedPorts: [...n.usedPorts, ...taken],
      taskCount: n.taskCount + 1,
      tasksOfService: {
        ...n.tasksOfService,
        [asked.serviceId]: (n.tasksOfService[asked.serviceId] ?? 0) + 1,
      },
    };
  });

describe('planPlacement', () => {
  it('never gives more than a node has, nor a port twice', () => {
    fc.assert(
      fc.property(requests, nodes, (asked, before) => {
        const decisions = planPlacement(asked, before);
        const after = decisions.reduce(
          (all, decision, i) => commit(all, asked[i] as PlacementRequest, decision),
          before,
        );
        for (const n of after) {
          expect(n.reserved.memoryBytes).toBeLessThanOrEqual(n.capacity.memoryBytes);
          expect(new Set(n.usedPorts.map(({ port }) => port)).size).toBe(n.usedPorts.length);
        }
      }),
    );
  });

  it('decides a batch as it would decide one request after the other', () => {
    fc.assert(
      fc.property(requests, nodes, (asked, before) => {
        let seen = before;
        const single = asked.map((one) => {
          const [decision] = planPlacement([one], seen);
          if (decision === undefined) throw new Error('no decision');
          seen = commit(seen, one, decision);
          return decision;
        });
        // Which of two reasons a full node is blamed for may differ; where tasks go may not.
        const gist = (decision: PlacementDecision) => ({
          ...(decision.kind === 'placed' && { node: decision.nodeId, ports: decision.ports }),
          failed: decision.filters.reduce((sum, { failed }) => sum + failed, 0),
        });
        expect(planPlacement(asked, before).map(gist)).toEqual(single.map(gist));
      }),
    );
  });

  it('chooses what the node-by-node table ranks first', () => {
    fc.assert(
      fc.property(requests, nodes, (asked, before) => {
        for (const one of asked) {
          const [decision] = planPlacement([one], before);
          const [first] = explainPlacement(one, before);
          const total = decision?.kind === 'placed' ? decision.best[0]?.total : undefined;
          expect(total).toBe(first?.score?.total);
        }
      }),
    );
  });

  it('does not depend on the order of the nodes and leaves them as they were', () => {
    fc.assert(
      fc.property(requests, nodes, (asked, before) => {
        const copy = structuredClone(before);
        expect(planPlacement(asked, before.toReversed())).toEqual(planPlacement(asked, before));
        expect(before).toEqual(copy);
      }),
    );
  });
});
