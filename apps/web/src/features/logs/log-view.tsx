'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { type LogLine, linkOf } from './log-buffer.ts';
import { LogRow, rowClass } from './log-line.tsx';
import styles from './log-view.module.css';

type Props = {
  lines: readonly LogLine[];
  name: string;
  find: RegExp | null;
  /** Index of the hit that is looked at. */
  at: number | null;
  linked: string | null;
  wrap: boolean;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onLink: (link: string) => void;
  empty: string;
};
const LINE_HEIGHT = 19;
const NEAR_END = 24;

/** Only the lines in sight are in the page. Scrolling up pauses the following, the end takes it up again. */
export const LogView = (props: Props) => {
  const { lines, name, find, at, linked, wrap, follow, onFollow, onLink, empty } = props;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: 20,
  });
  const last = lines.at(-1)?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: also when the last line changes
  useEffect(() => {
    if (follow && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follow, last, wrap]);
  useEffect(() => {
    if (at !== null) rows.scrollToIndex(at, { align: 'center' });
  }, [at, rows]);
  const linkedAt = linked === null ? -1 : lines.findIndex((line) => linkOf(line) === linked);
  useEffect(() => {
    if (linkedAt >= 0) rows.scrollToIndex(linkedAt, { align: 'center' });
  }, [linkedAt, rows]);
  const upwards = () => follow && onFollow(false);
  const onScroll = () => {
    const element = box.current;
    if (!element || follow) return;
    if (element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END) onFollow(true);
  };
  return (
    <div
      ref={box}
      className={`${styles.log} ${wrap ? styles.wrap : ''}`}
      role="log"
      aria-label="Log"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
      tabIndex={0}
      onScroll={onScroll}
      onWheel={(event) => event.deltaY < 0 && upwards()}
      onTouchMove={upwards}
      onKeyDown={(event) => ['PageUp', 'ArrowUp', 'Home'].includes(event.key) && upwards()}
    >
      {lines.length === 0 && <div className={styles.empty}>{empty}</div>}
      <div style={{ blockSize: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((row) => {
          const line = lines[row.index];
          if (!line) return null;
          return (
            <div
              key={row.key}
              ref={rows.measureElement}
              data-index={row.index}
              className={rowClass(line, row.index === linkedAt || row.index === at)}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <LogRow line={line} name={name} find={find} onLink={onLink} />
            </div>
          );
        })}
      </div>
    </div>
  );
};
