'use client';
import { MenuToggle, Select, SelectList, SelectOption } from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';
import { useRemembered } from './remembered.ts';

export type Column<T> = {
  key: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** Name of the server's sort key; absent: not sortable. */
  sort?: string;
  /** As narrow as its content, never wrapped. */
  fit?: boolean;
  /** Only where there is room: on a phone the object's own page tells it. */
  wide?: boolean;
  /** Not shown until chosen. */
  hidden?: boolean;
};

/** Which columns are shown: as chosen in this browser, else those that are not hidden at first. */
export const useColumns = <T,>(
  table: string,
  columns: readonly Column<T>[],
): [Column<T>[], (keys: string[]) => void] => {
  const [kept, keep] = useRemembered(`columns.${table}`);
  const keys =
    kept === '' ? columns.filter((column) => !column.hidden).map((column) => column.key) : kept.split(',');
  return [columns.filter((column) => keys.includes(column.key)), (next) => keep(next.join(','))];
};

type Props<T> = {
  columns: readonly Column<T>[];
  shown: readonly Column<T>[];
  choose: (keys: string[]) => void;
};

export const ColumnPicker = <T,>({ columns, shown, choose }: Props<T>) => {
  const [open, setOpen] = useState(false);
  const keys = shown.map((column) => column.key);
  const flip = (key: string) => {
    const next = keys.includes(key) ? keys.filter((each) => each !== key) : [...keys, key];
    if (next.length > 0) choose(next);
  };
  return (
    <Select
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={(_, value) => flip(String(value))}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plainText" isExpanded={open} onClick={() => setOpen(!open)}>
          Columns
        </MenuToggle>
      )}
    >
      <SelectList>
        {columns.map((column) => (
          <SelectOption
            key={column.key}
            value={column.key}
            hasCheckbox
            isSelected={keys.includes(column.key)}
          >
            {column.title}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
};
