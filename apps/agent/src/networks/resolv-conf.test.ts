import { expect, test } from 'vitest';
import { resolvConfText } from './resolv-conf.ts';

test('a container asks its host alone, and names without a dot as they are', () => {
  expect(resolvConfText('10.200.0.1', { servers: ['9.9.9.9'], search: [], options: [] })).toBe(
    'nameserver 10.200.0.1\noptions ndots:0\n',
  );
});

test('search domains and options of the service are kept', () => {
  expect(
    resolvConfText('10.200.0.1', {
      servers: [],
      search: ['a.example', 'b.example'],
      options: ['ndots:2', 'use-vc'],
    }),
  ).toBe('nameserver 10.200.0.1\nsearch a.example b.example\noptions ndots:2 use-vc\n');
});
