import type { AssignedTask } from '@portreeve/agent-protocol';
import { describe, expect, test } from 'vitest';
import { task } from '../../test/documents.ts';
import { host, macOf, member, network, peer } from '../../test/network-samples.ts';
import { filterRules } from './filters.ts';

const pin = {
  kind: 'digest',
  reference: 'web',
  registry: '',
  repository: '',
  digest: '',
} as unknown as AssignedTask['pin'];
const setOf = (rules: string, name: string): string[] =>
  (new RegExp(`set ${name} \\{[^}]*elements = \\{ ([^}]*) \\}`).exec(rules)?.[1] ?? '')
    .split(', ')
    .filter(Boolean);

const front = network({
  members: [member('own', '10.200.0.10'), member('other', '10.200.0.11')],
  peers: [peer('other', '10.200.0.2')],
});
const rules = filterRules({ host, networks: [front], tasks: [], leftovers: ['pr5000'], mark: 7 });

describe('the filters of a host', () => {
  test('let the tunnel of a network in from hosts with tasks of that network alone', () => {
    expect(setOf(rules, 'peers')).toEqual(['10.0.0.2 . 0x001000']);
  });

  test('know every end of a network, and where it must come from', () => {
    expect(setOf(rules, 'outgoing')).toEqual([
      `"vx4096" . ${macOf('10.200.0.10')} . 10.200.0.10`,
      `"vx4096" . ${macOf('10.200.0.1')} . 10.200.0.1`,
    ]);
    expect(setOf(rules, 'incoming')).toEqual([
      `"vx4096" . ${macOf('10.200.0.2')} . 10.200.0.2`,
      `"vx4096" . ${macOf('10.200.0.11')} . 10.200.0.11`,
    ]);
  });

  test('let only containers of this host ask its gateway for names', () => {
    expect(setOf(rules, 'askers')).toEqual(['"pr4096" . 10.200.0.10 . 10.200.0.1']);
  });

  test('let nothing through from a bridge that the document names no more', () => {
    expect(setOf(rules, 'bridges')).toEqual(['"pr4096"', '"pr5000"']);
    expect(setOf(rules, 'holders').some((one) => one.includes('pr5000'))).toBe(false);
  });

  test('go on for a task that still stops although the network no longer counts it', () => {
    const leaving = task({
      pin,
      networks: [{ networkId: 'front', address: '10.200.0.12', mac: macOf('10.200.0.12'), aliases: [] }],
    });
    const after = filterRules({ host, networks: [front], tasks: [leaving], leftovers: [], mark: 7 });
    expect(setOf(after, 'outgoing')).toContain(`"vx4096" . ${macOf('10.200.0.12')} . 10.200.0.12`);
  });

  test('have ports that tasks publish open to containers, but not at a gateway', () => {
    const publishing = task({ pin, ports: [{ target: 80, published: 8080, protocol: 'tcp' }] });
    const after = filterRules({ host, networks: [front], tasks: [publishing], leftovers: [], mark: 7 });
    expect(setOf(after, 'published')).toEqual(['tcp . 8080']);
    expect(after.indexOf('ip daddr @gateways drop')).toBeLessThan(after.indexOf('@published accept'));
  });
});
