import { Readable } from 'node:stream';
import type { AuditView } from '@portreeve/contract';
import { csvCell, escapeControlsInJson } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { AuditFilter } from './audit-filter.ts';
import { auditView, pageOfAudit } from './audit-pages.store.ts';

const AT_ONCE = 500;

const COLUMNS = [
  ...([
    'at',
    'actor',
    'via',
    'address',
    'action',
    'objectKind',
    'objectId',
    'object',
    'projectPath',
  ] as const),
  ...(['outcome', 'grantId', 'detail', 'sealed', 'id'] as const),
];

const cell = (value: AuditView[keyof AuditView]): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
const csvLine = (view: AuditView): string =>
  `${COLUMNS.map((name) => csvCell(cell(view[name]))).join(',')}\n`;

async function* views(db: Tx, filter: AuditFilter): AsyncGenerator<AuditView[]> {
  let cursor: string | undefined;
  do {
    const page = await pageOfAudit(db, { ...filter, limit: AT_ONCE, cursor });
    if (page.rows.length > 0) yield page.rows.map(auditView);
    cursor = page.next;
  } while (cursor !== undefined);
}

async function* csv(db: Tx, filter: AuditFilter): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\n`;
  for await (const page of views(db, filter)) yield page.map(csvLine).join('');
}

/** An array, an entry a line: what reads JSON reads it whole, what reads lines reads it so. */
async function* json(db: Tx, filter: AuditFilter): AsyncGenerator<string> {
  let before = '[\n';
  for await (const page of views(db, filter)) {
    yield before + page.map((view) => escapeControlsInJson(JSON.stringify(view))).join(',\n');
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

/** Every entry that matches, read as it is taken: memory stays as it is, however many there are. */
export const exportAudit = (db: Tx, filter: AuditFilter, format: 'csv' | 'json'): Readable =>
  Readable.from(format === 'csv' ? csv(db, filter) : json(db, filter), { objectMode: false });
