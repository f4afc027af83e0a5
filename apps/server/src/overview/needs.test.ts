import type { AlertView, ServiceSummary } from '@portreeve/contract';
import type { FilterCount } from '@portreeve/planning';
import { describe, expect, it } from 'vitest';
import { causeOf, namesInWords } from './cause.ts';
import { needsOf, type Undo } from './needs.ts';

const T0 = Date.parse('2026-05-01T12:00:00Z');
const at = (minutes: number): string => new Date(T0 + minutes * 60_000).toISOString();

const alert = (kind: string, since: string, more: Partial<AlertView> = {}): AlertView => ({
  ...{ id: kind, kind, severity: 'warning', message: `${kind}!`, hint: 'look', path: '/services/s1', since },
  ...{ endedAt: null, acknowledgedBy: null, ...more },
});
const suspect = (text: string, when: string, ids: string[] = [], actor: string | null = 'ann') => ({
  ...{ text, at: when, ids, actor },
});
const undo: Undo = { serviceId: 's1', name: 'web', from: 4, to: 3, replaces: 6, changedAt: at(0) };
const service = (state: ServiceSummary['state']) =>
  ({
    id: 's1',
    name: 'web',
    stackName: 'shop',
    state,
    why: 'all tasks exit 1',
    changedAt: at(2),
  }) as ServiceSummary;

const needs = (seen: Partial<Parameters<typeof needsOf>[0]>) =>
  needsOf({
    ...{ alerts: [], services: [], suspects: [], undos: new Map([['s1', undo]]) },
    ...{ causes: new Map(), waitFor: new Map(), ...seen },
  });

describe('what needs a person', () => {
  it('offers the way back where a change came shortly before the trouble', () => {
    const [need] = needs({ alerts: [{ view: alert('crash-loop', at(5)), serviceId: 's1' }] });
    expect(need?.help).toEqual({ kind: 'undo', serviceId: 's1', name: 'web', from: 4, to: 3, replaces: 6 });
  });

  it.each([
    ['the change was long before', alert('crash-loop', at(61))],
    ['the change came after it', alert('crash-loop', at(-1))],
    ['no change of the service brings such a trouble', alert('node-lost', at(5))],
    ['the rollout has gone back by itself', alert('rollout-failed', at(5))],
  ])('shows the page and no way back where %s', (_, view) => {
    const [need] = needs({ alerts: [{ view, serviceId: 's1' }] });
    expect(need?.help).toMatchObject({ kind: 'link', path: '/services/s1' });
  });

  it('names a service that is down once, by its alert where it has one', () => {
    const services = [service('down')];
    expect(needs({ services }).map(({ text }) => text)).toEqual(['shop/web is down.']);
    const alerts = [{ view: alert('crash-loop', at(5)), serviceId: 's1' }];
    expect(needs({ services, alerts }).map(({ text }) => text)).toEqual(['crash-loop!']);
  });

  it('puts the worst first', () => {
    const alerts = [
      { view: alert('disk', at(5)), serviceId: null },
      { view: alert('node-lost', at(6), { severity: 'critical' }), serviceId: null },
    ];
    expect(needs({ alerts }).map(({ id }) => id)).toEqual(['node-lost', 'disk']);
  });

  const beforeOf = (suspects: ReturnType<typeof suspect>[], more: object = {}) =>
    needs({
      suspects,
      alerts: [{ view: alert('crash-loop', at(5)), serviceId: 's1', stackId: 'k1', ...more }],
    })[0]?.before;

  it.each([
    ['what changed last before it began, not after', [suspect('later', at(7)), suspect('before', at(4))]],
    [
      'a change of its own stack rather than a newer one of others',
      [suspect('other', at(4)), suspect('before', at(1), ['k1'])],
    ],
    ['a host that was lost shortly before', [suspect('before', at(4), ['n1'], null)]],
  ])('says of a service %s', (_, suspects) => {
    expect(beforeOf(suspects)).toBe('before');
  });

  it.each([
    ['a change of others that was a while before', [suspect('other', at(-6))], {}],
    [
      'the change of a service, of a host',
      [suspect('deployed', at(4), ['s2'])],
      { serviceId: null, objectId: 'n1' },
    ],
    [
      'the loss of the host itself, of that host',
      [suspect('lost', at(4), ['n1'], null)],
      { serviceId: null, objectId: 'n1' },
    ],
  ])('does not take for the cause: %s', (_, suspects, more) => {
    expect(beforeOf(suspects, more)).toBe('');
  });

  it('tells of a service in one line, with the way back, whatever number of alerts it has', () => {
    const alerts = [
      { view: alert('crash-loop', at(6)), serviceId: 's1' },
      { view: alert('rollout-paused', at(5)), serviceId: 's1' },
      { view: alert('crash-loop', at(5), { id: 'another' }), serviceId: 's2' },
    ];
    const [first, second, ...more] = needs({ alerts });
    expect(first).toMatchObject({
      text: 'rollout-paused!',
      hint: 'crash-loop!',
      since: at(5),
      help: { kind: 'undo' },
    });
    expect(second).toMatchObject({ id: 'another', hint: 'look', help: { kind: 'link' } });
    expect(more).toEqual([]);
  });

  const three = ['s1', 's2', 's3'];
  const waiting = three.map((id) => ({
    view: alert('unplaceable', at(5), { id: `alert of ${id}`, path: `/services/${id}` }),
    ...{ serviceId: id, stackId: 'k1' },
  }));
  const many = three.map((id) => ({ ...service('degraded'), id, name: id }) as ServiceSummary);
  const full = { text: '2 nodes have not enough memory', tasks: 2 };

  it('tells in one line of the services that one cause keeps from a node', () => {
    const causes = new Map([
      ...three.slice(0, 2).map((id) => [id, full] as const),
      ['s3', { text: 'else', tasks: 1 }],
    ]);
    const suspects = [suspect('stack deployed', at(4), ['k1'])];
    const [first, second, ...more] = needs({ alerts: waiting, services: many, causes, suspects });
    expect(first?.text).toBe('unplaceable!');
    expect(second).toMatchObject({
      text: '2 services have 4 tasks without a node: 2 nodes have not enough memory.',
      hint: 'shop/s1, shop/s2.',
      severity: 'warning',
      before: 'stack deployed',
      help: { kind: 'link', path: '/services/s1/placement' },
    });
    expect(more).toEqual([]);
  });

  it('takes what stops a service wholly for worse than what does not', () => {
    const causes = new Map(three.map((id) => [id, full]));
    const services = many.map((one) => ({ ...one, state: 'down' as const }));
    expect(needs({ alerts: waiting, services, causes }).map(({ severity }) => severity)).toEqual([
      'critical',
    ]);
    const [one] = needs({ alerts: waiting.slice(0, 1), services, causes });
    expect(one?.severity).toBe('critical');
  });

  it('tells of services whose data is on a lost node with the node, and of others by themselves', () => {
    const lost = { view: alert('node-lost', at(5)), serviceId: null, objectId: 'n1' };
    const services = many.map((one) => ({ ...one, state: 'down' as const }));
    const waitFor = new Map([
      ['s1', 'n1'],
      ['s2', 'n1'],
      ['s3', 'n2'],
    ]);
    const told = needs({ alerts: [lost], services, waitFor }).map(({ text, hint }) => `${text} ${hint}`);
    expect(told.toSorted()).toEqual([
      'node-lost! Down until it is back: shop/s1, shop/s2. look',
      'shop/s3 is down. all tasks exit 1',
    ]);
  });
});

describe('what keeps tasks from a node', () => {
  const count = (filter: FilterCount['filter'], sentence: string): FilterCount => ({
    filter,
    sentence,
    failed: 1,
  });
  it('is told alike where only the amounts and volumes differ', () => {
    const cause = (needed: string, volume: string) =>
      causeOf({
        ...{ reason: 'no node fits: …', tasks: 1 },
        filters: [
          count('resources', `2 nodes have not enough memory (needs ${needed}, at most 1 GiB free)`),
          count('volume', `1 node does not have volume ${volume}`),
        ],
      }).text;
    expect(cause('2 GiB', 'orders')).toBe('2 nodes have not enough memory; 1 node does not have its volumes');
    expect(cause('3 GiB', 'mail, spool')).toBe(cause('2 GiB', 'orders'));
  });

  it('is the sentence itself where no node was ruled out', () => {
    const reason = 'the network front (10.0.0.0/30) has no free address left';
    expect(causeOf({ reason, filters: [], tasks: 1 }).text).toBe(reason);
  });

  it('is told with a few names', () => {
    expect(namesInWords(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c, d, e');
    expect(namesInWords(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d and 2 more');
  });
});
