'use client';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useRouter } from 'next/navigation';
import { Fragment, type ReactNode, useRef, useState } from 'react';
import { type Column, ColumnPicker, useColumns } from './columns.tsx';
import styles from './data-table.module.css';
import { useKeys } from './keyboard.ts';
import type { ListState } from './list-state.ts';
import { PageButtons } from './page-buttons.tsx';
import { useStillRows } from './still-rows.ts';

export type { Column };

/** So many fit everywhere; there is nothing to choose. */
const FEW_COLUMNS = 5;

type Props<T> = {
  /** Names the table for people who hear it, and the remembered choice of columns. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Where Enter leads. */
  rowTo?: (row: T) => string;
  /** A grey line under a row, e.g. why it is not healthy. */
  note?: (row: T) => ReactNode;
  list?: ListState;
  next?: string | undefined;
  total?: number | undefined;
  empty?: ReactNode;
};

/** A compact table: sticky head, `j k Enter`, sorting and paging by the server, columns chosen and remembered. */
export const DataTable = <T,>(props: Props<T>) => {
  const { label, columns, rows, rowKey, rowTo, note, list, next, total, empty } = props;
  const router = useRouter();
  const body = useRef<HTMLTableSectionElement>(null);
  const [shown, choose] = useColumns(label, columns);
  const [pointed, setPointed] = useState(false);
  const still = useStillRows(rows, rowKey, pointed);
  const move = (by: number) => {
    const lines = [...(body.current?.querySelectorAll<HTMLElement>('tr[tabindex]') ?? [])];
    const at = lines.indexOf(document.activeElement as HTMLElement);
    lines[Math.max(0, Math.min(lines.length - 1, at + by))]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const sortIndex = shown.findIndex(
    (column) => column.sort !== undefined && column.sort === list?.query.sort,
  );
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    <div className={styles.wrap}>
      <Table variant="compact" aria-label={label} isStickyHeader gridBreakPoint="grid-md">
        <Thead>
          <Tr>
            {shown.map((column, index) => (
              <Th
                key={column.key}
                screenReaderText={column.title === '' ? 'Actions' : undefined}
                sort={
                  column.sort !== undefined && list
                    ? {
                        columnIndex: index,
                        sortBy: { index: sortIndex, direction: list.query.direction ?? 'asc' },
                        onSort: (_, __, direction) => list.sort(column.sort as string, direction),
                      }
                    : undefined
                }
              >
                {column.title || undefined}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody ref={body} onPointerEnter={() => setPointed(true)} onPointerLeave={() => setPointed(false)}>
          {still.map((row) => (
            <Fragment key={rowKey(row)}>
              <Tr
                className={`${styles.row} ${note?.(row) ? styles.noted : ''}`}
                tabIndex={0}
                onKeyDown={(event) => {
                  if (event.key === 'Enter' && event.target === event.currentTarget && rowTo)
                    router.push(rowTo(row));
                }}
              >
                {shown.map((column) => (
                  <Td
                    key={column.key}
                    dataLabel={column.title}
                    className={`${column.fit ? styles.fit : ''} ${column.wide ? styles.wide : ''}`}
                  >
                    {/* One element, or each part would become a cell of its own on a phone. */}
                    <div className={styles.cell}>{column.cell(row)}</div>
                  </Td>
                ))}
              </Tr>
              {note?.(row) && (
                <Tr className={styles.note}>
                  <Td colSpan={shown.length}>{note(row)}</Td>
                </Tr>
              )}
            </Fragment>
          ))}
        </Tbody>
      </Table>
      <div className={styles.foot}>
        <span>{total !== undefined ? `${rows.length} of ${total}` : `${rows.length} shown`}</span>
        <span>
          <PageButtons list={list} next={next} />
          {columns.length > FEW_COLUMNS && <ColumnPicker columns={columns} shown={shown} choose={choose} />}
        </span>
      </div>
    </div>
  );
};
