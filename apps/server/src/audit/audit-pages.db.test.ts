import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { pageOfAudit } from './audit-pages.store.ts';
import { monthsHere } from './partitions.store.ts';

type Item = { id: string; action: string; actor: string };
let site: TestServer;
let admin: Client;
beforeAll(async () => {
  site = await startTestServer();
  admin = await site.administrator();
  const [lastMonth] = await monthsHere(site.db.database.prisma);
  const entry = (n: number, more: object) => ({
    ...{
      id: uuid(),
      at: new Date((lastMonth?.getTime() ?? 0) + n * 60_000),
      actorKind: 'user',
      actorName: 'ann',
    },
    ...{
      via: 'token',
      address: '192.0.2.7',
      action: 'stack.apply',
      outcome: 'done',
      projectPath: '/shop',
      ...more,
    },
  });
  const objectId = uuid();
  await site.db.database.prisma.auditEntry.createMany({
    data: [
      entry(1, { objectKind: 'stack', objectName: 'shop/web_1', objectId }),
      entry(2, { actorName: 'Bob Öz', projectPath: '/shop/prod', outcome: 'refused' }),
      entry(3, { projectPath: '/shopping', address: '192.0.2.8', objectName: '=cmd|calc' }),
      entry(4, {
        action: 'stack-file.edit',
        projectPath: null,
        actorName: '@sum',
        detail: { text: 'a "b", c' },
      }),
    ],
  });
});
afterAll(() => site?.close());

const asked = async (query: string) => {
  const { status, json, text } = await admin.call('GET', `/audit?until=${old()}&${query}`);
  if (status !== 200) throw new Error(text);
  return json as { items: Item[]; next?: string };
};
/** Before anything that the server itself wrote. */
const old = () =>
  new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 1, 2)).toISOString();
const actors = async (query: string) => (await asked(query)).items.map(({ actor }) => actor);

describe('a page of the audit', () => {
  it.each([
    ['', ['@sum', 'ann', 'Bob Öz', 'ann']],
    ['direction=asc', ['ann', 'Bob Öz', 'ann', '@sum']],
    ['actor=ann', ['ann', 'ann']],
    ['action=stack', ['ann', 'Bob Öz', 'ann']],
    ['action=stack-file.edit', ['@sum']],
    ['action=stack.app', []],
    ['project=/', ['@sum', 'ann', 'Bob Öz', 'ann']],
    ['outcome=refused', ['Bob Öz']],
    ['address=192.0.2.8', ['ann']],
    ['object=shop/web_1', ['ann']],
    ['search=WEB', ['ann']],
    ['search=öz', ['Bob Öz']],
    ['search=bob%20appl', ['Bob Öz']],
    ['search=web%203', []],
    ['search=%27:*!%26', []],
  ])('for "%s" has the entries that match', async (query, expected) => {
    expect(await actors(query)).toEqual(expected);
  });

  it('of a project has what is below it, and nothing beside it', async () => {
    await admin.call('POST', '/projects', { path: '/shop' });
    expect(await actors('project=/shop')).toEqual(['Bob Öz', 'ann']);
  });

  it('goes on from its cursor over the edge of a month, both ways', async () => {
    for (const direction of ['asc', 'desc']) {
      const all = (await admin.call('GET', `/audit?direction=${direction}&limit=500`)).json as {
        items: Item[];
      };
      const seen: Item[] = [];
      let cursor = '';
      do {
        const page = (await admin.call('GET', `/audit?direction=${direction}&limit=3&cursor=${cursor}`))
          .json as {
          items: Item[];
          next?: string;
        };
        seen.push(...page.items);
        cursor = page.next ?? '';
      } while (cursor !== '');
      expect(seen.map(({ id }) => id)).toEqual(all.items.map(({ id }) => id));
    }
  });

  it('that takes long is short, and the next one goes on before it', async () => {
    const { prisma } = site.db.database;
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await pageOfAudit(prisma, { actor: 'ann', limit: 50, cursor, scope: ['/'] }, -1);
      seen.push(...page.rows.map(({ actorName }) => actorName));
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined);
    expect(seen).toEqual(['ann', 'ann']);
    expect(pages).toBeGreaterThan(1);
  });
});

describe('an export of the audit', () => {
  it('is a table that no spreadsheet takes for formulas, and is in the audit itself', async () => {
    const { text, headers } = await admin.call('GET', `/audit/export?until=${old()}`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-[\d-]+\.csv"$/);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toContain(",'@sum,");
    expect(lines[1]).toContain('"{""text"":""a \\""b\\"", c""}"');
    expect(lines[2]).toContain(",'=cmd|calc,");
    const { items } = (await admin.call('GET', '/audit?action=audit.export')).json as { items: object[] };
    expect(items).toMatchObject([
      { actor: 'admin', object: 'audit csv', detail: { filter: { until: old() } } },
    ]);
  });

  it('as JSON is one array, also of nothing', async () => {
    const of = async (query: string) =>
      JSON.parse((await admin.call('GET', `/audit/export?format=json&until=${old()}&${query}`)).text);
    expect((await of('')).map(({ actor }: Item) => actor)).toEqual(['@sum', 'ann', 'Bob Öz', 'ann']);
    expect(await of('actor=nobody')).toEqual([]);
  });
});
