'use client';
import { SearchInput } from '@patternfly/react-core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useKeys } from './keyboard.ts';
import styles from './list-bar.module.css';
import type { ListState } from './list-state.ts';

type Chips = {
  name: string;
  options: readonly { value: string; text: string }[];
  /** The word for no choice. */
  all?: string;
};
type Props = { list: ListState; placeholder: string; chips?: Chips; children?: ReactNode };
const TYPING_MS = 250;

/** Search and filters over a list; `/` goes to the search. Everything lands in the URL. */
export const ListBar = ({ list, placeholder, chips, children }: Props) => {
  const [text, setText] = useState(list.query.search ?? '');
  const input = useRef<HTMLInputElement>(null);
  const filter = useRef(list.filter);
  filter.current = list.filter;
  useKeys({ '/': () => input.current?.focus() });
  useEffect(() => {
    if (text === (list.query.search ?? '')) return;
    const timer = setTimeout(() => filter.current({ search: text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, list.query.search]);
  const active = chips ? list.read(chips.name) : undefined;
  return (
    <search className={styles.bar}>
      <SearchInput
        ref={input}
        className={styles.search}
        placeholder={placeholder}
        aria-label={placeholder}
        value={text}
        onChange={(_, value) => setText(value)}
        onClear={() => setText('')}
      />
      {chips && (
        <span className={styles.chips}>
          {[{ value: '', text: chips.all ?? 'All' }, ...chips.options].map((option) => (
            <button
              key={option.value}
              type="button"
              className={styles.chip}
              aria-pressed={(active ?? '') === option.value}
              onClick={() => list.filter({ [chips.name]: option.value })}
            >
              {option.text}
            </button>
          ))}
        </span>
      )}
      <span className={styles.grow} />
      {children}
    </search>
  );
};
