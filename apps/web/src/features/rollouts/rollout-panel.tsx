'use client';
import type { RolloutView } from '@portreeve/contract';
import { formatDuration, isEnded } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { ROLLOUT_TONE } from '../../ui/tone.ts';
import { Failures } from '../tasks/failures.tsx';
import styles from './rollout-panel.module.css';
import { Slot } from './slot.tsx';
import { Story } from './story.tsx';

const asideOf = (rollout: RolloutView): string => {
  if (isEnded(rollout.state) || rollout.state === 'paused') return '';
  return rollout.estimateMs === undefined
    ? 'no earlier rollout to measure by'
    : `about ${formatDuration(rollout.estimateMs)} left, from earlier rollouts`;
};

const Rule = ({ of: { state, next } }: { of: RolloutView }) =>
  state === 'paused' ? (
    <Status tone="held" wrap>
      {next}
    </Status>
  ) : (
    <span>
      <b>Next:</b> {next.replace(/^next:\s*/i, '')}
    </span>
  );

/** The slots turning from old to new, the rule that comes next, and the story so far. */
export const RolloutPanel = ({ rollout }: { rollout: RolloutView }) => (
  <Panel
    title={
      <>
        <Link href={paths.rollout(rollout.id)} className="apart">
          Rollout {rollout.number}
        </Link>{' '}
        <span className="dim">{rollout.policy}</span>
      </>
    }
    aside={asideOf(rollout)}
  >
    <div className={styles.rule}>
      {rollout.next !== '' ? (
        <Rule of={rollout} />
      ) : (
        <Status tone={ROLLOUT_TONE[rollout.state]} wrap>
          {rollout.state}
          {rollout.reason ? `: ${rollout.reason}` : ''}
        </Status>
      )}
      <span className="dim">pull · start · health · done</span>
    </div>
    <div className={styles.slots}>
      {rollout.grid.map((slot) => (
        <Slot key={slot.slot} slot={slot} />
      ))}
    </div>
    <Failures of={rollout.failures} serviceId={rollout.serviceId} />
    <Story events={rollout.events} running={!isEnded(rollout.state)} />
  </Panel>
);
