import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatRange,
  fromAddress,
  macOf,
  nextAddresses,
  nextSubnet,
  nextVni,
  overlaps,
  parseRange,
  type Range,
} from './subnets.ts';

describe('subnets of the pool', () => {
  it('are cut one after the other and never overlap', () => {
    const pool = parseRange('10.200.0.0/20');
    const taken: Range[] = [];
    for (let i = 0; i < 4; i += 1) taken.push(nextSubnet(pool, taken, taken.at(-1)));
    expect(taken.map(formatRange)).toEqual([
      '10.200.0.0/22',
      '10.200.4.0/22',
      '10.200.8.0/22',
      '10.200.12.0/22',
    ]);
    expect(() => nextSubnet(pool, taken, taken.at(-1))).toThrow(/no free network/);
  });

  it('leave one just given back alone while others are free', () => {
    const pool = parseRange('10.200.0.0/20');
    expect(formatRange(nextSubnet(pool, [], parseRange('10.200.4.0/22')))).toBe('10.200.8.0/22');
    expect(formatRange(nextSubnet(pool, [], parseRange('10.200.12.0/22')))).toBe('10.200.0.0/22');
  });

  it('avoid every taken range, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 16, max: 26 }))),
        (list) => {
          const pool = parseRange('10.200.0.0/14');
          const taken = list.map(([third, prefix]) => parseRange(`10.200.${third}.0/${prefix}`));
          const found = nextSubnet(pool, taken, taken.at(-1));
          expect(taken.some((range) => overlaps(range, found))).toBe(false);
        },
      ),
    );
  });
});

describe('addresses of a network', () => {
  it('are distinct, inside, and never the subnet or its broadcast', () => {
    const subnet = parseRange('10.200.0.0/28');
    const all = nextAddresses(subnet, new Set(), undefined, 14);
    expect(new Set(all).size).toBe(14);
    expect(all).not.toContain('10.200.0.0');
    expect(all).not.toContain('10.200.0.15');
    expect(() => nextAddresses(subnet, new Set(all.map(fromAddress)), undefined, 1)).toThrow(
      /no free address/,
    );
  });

  it('go on after the last one given', () => {
    const subnet = parseRange('10.200.0.0/28');
    expect(nextAddresses(subnet, new Set(), fromAddress('10.200.0.5'), 2)).toEqual([
      '10.200.0.6',
      '10.200.0.7',
    ]);
    expect(nextAddresses(subnet, new Set(), fromAddress('10.200.0.14'), 1)).toEqual(['10.200.0.1']);
  });

  it('make MAC addresses of their own', () => {
    expect(macOf('10.200.1.255')).toBe('02:42:0a:c8:01:ff');
  });

  it('give network numbers that are free', () => {
    expect(nextVni(new Set([4096, 4098]), 4096)).toBe(4097);
    expect(nextVni(new Set(), undefined)).toBe(4096);
  });
});
