import type { RolloutView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { Status } from '../../ui/status.tsx';
import type { Tone } from '../../ui/tone.ts';
import styles from './rollout-panel.module.css';

type Cell = RolloutView['grid'][number];

/** How many of pull, start, health, done are behind a slot in each phase, and its tone. */
const PHASES: Record<Cell['phase'], { done: number; tone: Tone; active: boolean }> = {
  old: { done: 0, tone: 'ok', active: false },
  waiting: { done: 0, tone: 'held', active: false },
  pulling: { done: 0, tone: 'busy', active: true },
  starting: { done: 1, tone: 'busy', active: true },
  health: { done: 2, tone: 'busy', active: true },
  monitoring: { done: 3, tone: 'busy', active: true },
  done: { done: 4, tone: 'ok', active: false },
  failed: { done: 4, tone: 'bad', active: false },
};
const KINDS: Partial<Record<Cell['phase'], string>> = {
  old: styles.old,
  waiting: styles.old,
  done: styles.ready,
  failed: styles.failed,
};
const STEPS = ['pull', 'start', 'health', 'done'];

export const Slot = ({ slot }: { slot: Cell }) => {
  const phase = PHASES[slot.phase];
  const name = <b>{slot.slot}</b>;
  const tone = slot.phase === 'old' && !slot.ready ? 'warn' : phase.tone;
  return (
    <div
      className={`${styles.slot} ${KINDS[slot.phase] ?? ''}`}
      data-phase={slot.phase}
      data-slot={slot.slot}
    >
      <div>
        {slot.taskId ? <Link href={paths.task(slot.taskId)}>{name}</Link> : name}{' '}
        <span className="dim">
          rev {slot.revision}
          {slot.node ? ` · ${slot.node.name}` : ''}
        </span>
        <div>
          <Status tone={tone} wrap>
            {slot.text || slot.phase}
          </Status>
        </div>
      </div>
      <div className={styles.phases} role="img" aria-label={`${phase.done} of 4 steps: ${STEPS.join(', ')}`}>
        {STEPS.map((step, index) => (
          <i
            key={step}
            className={
              index < phase.done ? styles.done : phase.active && index === phase.done ? styles.now : ''
            }
          />
        ))}
      </div>
    </div>
  );
};
