'use client';
import { TextInput } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import type { ListState } from '../../ui/list-state.ts';
import styles from './activity.module.css';

const TYPING_MS = 350;

/** A filter by words that lands in the URL when the typing stops. */
export const TextFilter = ({ list, name, label }: { list: ListState; name: string; label: string }) => {
  const kept = list.read(name) ?? '';
  const [text, setText] = useState(kept);
  const filter = useRef(list.filter);
  filter.current = list.filter;
  useEffect(() => {
    if (text === kept) return;
    const timer = setTimeout(() => filter.current({ [name]: text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, kept, name]);
  return (
    <TextInput
      className={styles.text}
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(_, value) => setText(value)}
    />
  );
};
