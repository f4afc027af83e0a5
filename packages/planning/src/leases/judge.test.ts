import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeLeases, type LeaseSnapshot, type LeaseView } from './judge.ts';

const LEASE = 10_000;

const node = (id: string, lastHeardAt: number, more: Partial<LeaseView> = {}): LeaseView => ({
  id,
  name: `node-${id}`,
  state: 'ready',
  lastHeardAt,
  leaseMs: LEASE,
  ...more,
});

const seen = (nodes: LeaseView[], more: Partial<LeaseSnapshot> = {}): LeaseSnapshot => ({
  nodes,
  couldHearSince: 0,
  graceMs: 5_000,
  ...more,
});

describe('judgeLeases', () => {
  it('keeps a node that was heard within its lease', () => {
    const verdict = judgeLeases(seen([node('a', 96_000), node('b', 98_000)]), 100_000);
    expect(verdict).toEqual({ unknown: [], lost: [], held: false, wakeAt: 101_000 });
  });

  it('doubts a node after half a lease and loses it after a whole one', () => {
    const nodes = [node('a', 90_000), node('b', 99_000), node('c', 99_000)];
    expect(judgeLeases(seen(nodes), 95_000)).toMatchObject({ unknown: ['a'], lost: [] });
    expect(judgeLeases(seen(nodes), 100_000)).toMatchObject({ lost: ['a'] });
  });

  it('gives everyone a fresh lease and a grace after an outage of ours', () => {
    const after = seen([node('a', 10_000), node('b', 205_000)], { couldHearSince: 200_000 });
    expect(judgeLeases(after, 206_000)).toMatchObject({ unknown: ['a'], lost: [] });
    expect(judgeLeases(after, 214_900).lost).toEqual([]);
    expect(judgeLeases({ ...after, nodes: [node('a', 10_000), node('b', 215_000)] }, 215_000).lost).toEqual([
      'a',
    ]);
  });

  it('waits for an agent that said it restarts', () => {
    const nodes = [node('a', 80_000, { leavingUntil: 130_000 }), node('b', 99_000)];
    expect(judgeLeases(seen(nodes), 100_000)).toMatchObject({ unknown: [], lost: [] });
  });

  it.each([
    { total: 1, silent: 1, held: false },
    { total: 2, silent: 1, held: false },
    { total: 3, silent: 1, held: false },
    { total: 3, silent: 2, held: true },
    { total: 6, silent: 2, held: false },
    { total: 5, silent: 2, held: true },
    { total: 10, silent: 4, held: true },
  ])('holds: $held, when $silent of $total fall silent', ({ total, silent, held }) => {
    const nodes = Array.from({ length: total }, (_, i) => node(`${i}`, i < silent ? 0 : 99_000));
    const verdict = judgeLeases(seen(nodes), 100_000);
    expect(verdict.held).toBe(held);
    expect(verdict.lost).toHaveLength(held ? 0 : silent);
  });

  it('says in the alarm who is silent and what follows', () => {
    const nodes = [node('a', 0), node('b', 0), node('c', 99_000)];
    expect(judgeLeases(seen(nodes), 100_000).alarm).toBe(
      '2 of 3 nodes fell silent together (node-a, node-b), which looks like the network and not like them: nothing is replaced until they answer or are removed by hand.',
    );
  });

  it('gives those who have not answered yet the grace again when a hold ends', () => {
    const nodes = [node('a', 0), node('b', 99_900), node('c', 99_900)];
    expect(judgeLeases(seen(nodes, { lastHeldAt: 99_800 }), 100_000)).toMatchObject({
      lost: [],
      held: false,
    });
    expect(judgeLeases(seen(nodes, { lastHeldAt: 99_800 }), 104_800).lost).toEqual(['a']);
  });

  it('does not count nodes that are lost, joining or removed', () => {
    const gone = ['lost', 'joining', 'removed'] as const;
    const nodes = [...gone.map((state) => node(state, 0, { state })), node('a', 0), node('b', 99_000)];
    expect(judgeLeases(seen(nodes), 100_000)).toMatchObject({ lost: ['a'], held: false });
  });

  it('never loses more than a third at once, save a single node', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 30 }), (heard) => {
        const verdict = judgeLeases(seen(heard.map((at, i) => node(`${i}`, at))), 100_000);
        if (verdict.lost.length > 1) expect(verdict.lost.length * 3).toBeLessThanOrEqual(heard.length);
      }),
    );
  });
});
