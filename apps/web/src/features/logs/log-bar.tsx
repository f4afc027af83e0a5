'use client';
import { Button, SearchInput, TextInput } from '@patternfly/react-core';
import type { ServiceView } from '@portreeve/contract';
import { useRef } from 'react';
import { plainText } from '../../ui/ansi.ts';
import { useKeys } from '../../ui/keyboard.ts';
import type { ListState } from '../../ui/list-state.ts';
import { RangeChips } from '../../ui/range-chips.tsx';
import type { LogLine } from './log-buffer.ts';
import { colorOf } from './log-line.tsx';
import { RANGES } from './log-range.ts';
import styles from './logs-tab.module.css';

type Props = {
  list: ListState;
  service: ServiceView;
  lines: readonly LogLine[];
  text: string;
  onText: (text: string) => void;
  hits: number;
  at: number;
  onStep: (by: number) => void;
  hidden: ReadonlySet<number>;
  onHidden: (hidden: ReadonlySet<number>) => void;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
};

const download = (name: string, lines: readonly LogLine[]) => {
  const text = lines.map((line) => `${line.at} ${name}-${line.slot} ${plainText(line.text)}`).join('\n');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
  link.download = `${name}-${new Date().toISOString().slice(0, 19)}.log`;
  link.click();
  URL.revokeObjectURL(link.href);
};

const SlotChips = ({ lines, hidden, onHidden }: Pick<Props, 'lines' | 'hidden' | 'onHidden'>) => {
  const slots = [...new Set(lines.map((line) => line.slot))].sort((a, b) => a - b);
  const flip = (slot: number) => {
    const next = new Set(hidden);
    if (!next.delete(slot)) next.add(slot);
    onHidden(next);
  };
  return (
    <span className={styles.chips}>
      {slots.map((slot) => (
        <button
          key={slot}
          type="button"
          className={`${styles.chip} ${colorOf(slot)}`}
          aria-pressed={!hidden.has(slot)}
          aria-label={`Slot ${slot}`}
          onClick={() => flip(slot)}
        >
          <i aria-hidden />
          {slot}
        </button>
      ))}
    </span>
  );
};

/** A `datetime-local` field speaks local time without a zone; the URL and the server speak UTC. */
const toLocal = (iso: string | undefined) => {
  if (!iso) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const toIso = (local: string) => (local === '' ? undefined : new Date(local).toISOString());

const FromTo = ({ list }: { list: ListState }) => (
  <span className={styles.range}>
    {(['since', 'until'] as const).map((end) => (
      <TextInput
        key={end}
        type="datetime-local"
        aria-label={end === 'since' ? 'From' : 'Until'}
        value={toLocal(list.read(end))}
        onChange={(_, value) => list.filter({ [end]: toIso(value) })}
        style={{ inlineSize: 190 }}
      />
    ))}
  </span>
);

export const LogBar = (props: Props) => {
  const { list, service, lines, text, onText, hits, at, onStep, wrap, onWrap } = props;
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  const range = list.read('line') ? '' : (list.read('range') ?? 'live');
  return (
    <div className={styles.bar}>
      <SearchInput
        ref={input}
        className={styles.find}
        placeholder="Find, or /regex/"
        aria-label="Find in the log"
        value={text}
        onChange={(_, value) => onText(value)}
        onClear={() => onText('')}
        onKeyDown={(event) => event.key === 'Enter' && onStep(event.shiftKey ? -1 : 1)}
        resultsCount={text === '' ? undefined : `${hits === 0 ? 0 : at + 1} / ${hits}`}
        onNextClick={() => onStep(1)}
        onPreviousClick={() => onStep(-1)}
      />
      <RangeChips
        label="Range"
        options={RANGES}
        value={range}
        onChange={(value) => list.filter({ range: value === 'live' ? undefined : value, line: undefined })}
      />
      {range === 'range' && <FromTo list={list} />}
      <SlotChips {...props} />
      {list.read('task') && (
        <button type="button" className="quiet" onClick={() => list.filter({ task: undefined })}>
          only one task ✕
        </button>
      )}
      <span className={styles.grow} />
      <Button variant="plain" size="sm" aria-pressed={wrap} onClick={() => onWrap(!wrap)}>
        {wrap ? 'No wrap' : 'Wrap'}
      </Button>
      <Button variant="plain" size="sm" onClick={() => download(service.name, lines)}>
        Download
      </Button>
    </div>
  );
};
