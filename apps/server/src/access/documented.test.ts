import { readFileSync } from 'node:fs';
import { BUILT_IN_ROLES, PERMISSIONS, type Permission } from '@portreeve/domain';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../../../docs/permissions.md', import.meta.url), 'utf8');

const roles = Object.values(BUILT_IN_ROLES).filter(({ permissions }) => permissions.length > 0);
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
/** The table as the code says it: what a failing test shows is what belongs on the page. */
const table = [
  row(['permission', 'allows to', ...roles.map(({ name }) => name)]),
  row(['---', '---', ...roles.map(() => ':-:')]),
  ...(Object.keys(PERMISSIONS) as Permission[]).map((permission) =>
    row([
      `\`${permission}\``,
      PERMISSIONS[permission],
      ...roles.map(({ permissions }) => (permissions.includes(permission) ? '●' : '')),
    ]),
  ),
].join('\n');

it('the page of permissions has the table that the code has', () => {
  const between = page.split('<!-- table of permissions -->')[1] ?? '';
  expect(between.trim()).toBe(table);
});
