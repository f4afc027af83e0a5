'use client';
import type { RolloutView } from '@portreeve/contract';
import { formatDuration } from '@portreeve/domain';
import { When } from '../../ui/when.tsx';
import styles from './rollout-panel.module.css';

type Props = { events: RolloutView['events']; running: boolean };
const BAD = /fail|refus|error|lost/;

/** What happened, with the reason of every wait and failure, and how long each step took. */
export const Story = ({ events, running }: Props) => {
  const told = [...events].sort((a, b) => a.at.localeCompare(b.at));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which has to go by keyboard too
    <ol className={styles.story} tabIndex={0} aria-label="What happened">
      {told.map((event, index) => {
        const next = told[index + 1];
        return (
          <li key={event.id} className={running && !next ? styles.current : ''}>
            <span className="dim">
              <When at={event.at} as="clock" />
            </span>
            <span className={BAD.test(event.kind) ? styles.bad : ''}>{event.text}</span>
            <span className="dim">{next && formatDuration(Date.parse(next.at) - Date.parse(event.at))}</span>
          </li>
        );
      })}
    </ol>
  );
};
