import type { FailureView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { plainText } from '../../ui/ansi.ts';
import { Link } from '../../ui/link.tsx';
import { asSentence } from '../../ui/sentence.ts';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import styles from './failures.module.css';

/** The reason holds the exit already; without one the exit stands for it. */
const causeOf = ({ exitCode, outOfMemory, reason }: FailureView): string => {
  if (reason !== '') return asSentence(reason);
  if (outOfMemory) return 'Out of memory.';
  return exitCode === null ? '' : `Exit code ${exitCode}.`;
};

/** Slots that failed in the same way with the same last words are one line. */
const alike = (failures: readonly FailureView[]): FailureView[][] => [
  ...Map.groupBy(failures, (one) => `${causeOf(one)}\n${one.log}\n${one.health}`).values(),
];

const Failure = ({ slots, serviceId }: { slots: readonly FailureView[]; serviceId: string }) => {
  const [first] = slots;
  if (!first) return null;
  return (
    <div className={styles.failure} data-failure={first.slot}>
      <div className={styles.line}>
        <Status tone={first.attempts > 0 ? 'bad' : 'held'} wrap>
          {slots.map(({ slot, taskId, node }, index) => (
            <span key={taskId}>
              {index > 0 && ', '}
              <Link href={paths.task(taskId)}>slot {slot}</Link>
              {node && <span className="dim"> on {node.name}</span>}
            </span>
          ))}
          {': '}
          <b>{causeOf(first)}</b>
        </Status>
        <span className="dim">
          revision {first.revision}, {first.attempts > 1 ? `attempt ${first.attempts}, ` : ''}
          <When at={first.at} as="ago" />
        </span>
        {first.attempts > 0 && (
          <Link href={paths.service(serviceId, 'logs', { task: first.taskId })}>its log</Link>
        )}
      </div>
      {first.health !== '' && <pre className={styles.tail}>health check: {plainText(first.health)}</pre>}
      {first.log !== '' && <pre className={styles.tail}>{plainText(first.log)}</pre>}
    </div>
  );
};

/** Why it fails: how each task ended, and the last that it said. */
export const Failures = ({ of, serviceId }: { of: readonly FailureView[]; serviceId: string }) => (
  <>
    {alike(of).map((slots) => (
      <Failure key={slots[0]?.taskId} slots={slots} serviceId={serviceId} />
    ))}
  </>
);
