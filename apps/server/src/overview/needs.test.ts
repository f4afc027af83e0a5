import type { AlertView, ServiceSummary } from '@portreeve/contract';
import { describe, expect, it } from 'vitest';
import { needsOf, type Undo } from './needs.ts';

const T0 = Date.parse('2026-05-01T12:00:00Z');
const at = (minutes: number): string => new Date(T0 + minutes * 60_000).toISOString();

const alert = (kind: string, since: string, more: Partial<AlertView> = {}): AlertView => ({
  ...{ id: kind, kind, severity: 'warning', message: `${kind}!`, hint: 'look', path: '/services/s1', since },
  ...{ endedAt: null, acknowledgedBy: null, ...more },
});
const event = (text: string, when: string, actor: string | null = null) =>
  ({ id: text, at: when, kind: 'stack', text, ok: true, actor, path: null, object: null }) as const;
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
  needsOf({ alerts: [], services: [], changes: [], undos: new Map([['s1', undo]]), ...seen });

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

  it('says what changed last before it began, not after', () => {
    const changes = [event('later', at(7)), event('before', at(4)), event('long before', at(1))];
    const [need] = needs({ changes, alerts: [{ view: alert('crash-loop', at(5)), serviceId: 's1' }] });
    expect(need?.before).toBe('before');
  });

  it('names what a person did rather than what followed from it', () => {
    const changes = [event('slot 1 failed', at(4)), event('applied version 2', at(3), 'ann')];
    const [need] = needs({ changes, alerts: [{ view: alert('crash-loop', at(5)), serviceId: 's1' }] });
    expect(need?.before).toBe('applied version 2');
  });
});
