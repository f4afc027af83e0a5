import { expect, it } from 'vitest';
import { worstFirst } from './worst-first.ts';

const node = (name: string, more: object = {}) => ({
  ...{ name, state: 'ready' as const, availability: 'active' as const },
  ...{ agentConnected: true, engineReachable: true, findings: [], ...more },
});

it('puts nodes that need a person before those that are held, and those before the ones that are well', () => {
  const nodes = [
    node('a'),
    node('b', { findings: ['The clock is wrong.'] }),
    node('c', { availability: 'cordoned' }),
    node('d', { availability: 'draining' }),
    node('e', { engineReachable: false }),
    node('f', { agentConnected: false }),
    node('g', { state: 'unknown' }),
    node('i', { state: 'lost' }),
    node('h', { state: 'lost' }),
  ];
  const names = nodes
    .toSorted((one, other) => (worstFirst(one) < worstFirst(other) ? -1 : 1))
    .map(({ name }) => name);
  expect(names.join('')).toBe('higefdcba');
});
