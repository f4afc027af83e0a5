'use client';
import { TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import type { ListState } from '../../ui/list-state.ts';
import { RangeChips } from '../../ui/range-chips.tsx';
import styles from './activity.module.css';
import { momentOf, RANGES, sinceOf } from './time-range.ts';

const OPTIONS = [
  { value: '', text: 'all' },
  ...RANGES.map(({ value, text }) => ({ value, text })),
  { value: 'exact', text: 'from … to …' },
];

/** `since` and `until` of the query, from what the URL says. */
export const useTimes = (list: ListState): { since: string | undefined; until: string | undefined } => {
  const [now] = useState(Date.now);
  const range = list.read('range');
  if (range !== 'exact') return { since: sinceOf(range, now), until: undefined };
  return { since: momentOf(list.read('from')), until: momentOf(list.read('to')) };
};

export const TimeBar = ({ list }: { list: ListState }) => {
  const range = list.read('range') ?? '';
  return (
    <span className={styles.filters}>
      <RangeChips
        label="Time"
        options={OPTIONS}
        value={range}
        onChange={(value) => list.filter({ range: value, from: undefined, to: undefined })}
      />
      {range === 'exact' &&
        (['from', 'to'] as const).map((name) => (
          <TextInput
            key={name}
            type="datetime-local"
            aria-label={name}
            className={styles.moment}
            value={list.read(name) ?? ''}
            onChange={(_, value) => list.filter({ [name]: value })}
          />
        ))}
    </span>
  );
};
