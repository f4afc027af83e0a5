import { BanIcon, MinusIcon, PlusCircleIcon, SyncAltIcon } from '@patternfly/react-icons';
import type { DeployPlanView } from '@portreeve/contract';
import { formatDuration } from '@portreeve/domain';
import { Fragment } from 'react';
import { FieldChanges } from '../../ui/field-changes.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import type { Tone } from '../../ui/tone.ts';
import styles from './plan-panel.module.css';

export type Planned = DeployPlanView['services'][number];

export const ACTIONS: Record<Planned['action'], { tone: Tone; word: string; icon: typeof BanIcon }> = {
  create: { tone: 'ok', word: 'created', icon: PlusCircleIcon },
  replace: { tone: 'busy', word: 'replaced', icon: SyncAltIcon },
  update: { tone: 'busy', word: 'updated in place', icon: SyncAltIcon },
  scale: { tone: 'busy', word: 'scaled', icon: SyncAltIcon },
  remove: { tone: 'bad', word: 'removed', icon: BanIcon },
  untouched: { tone: 'off', word: 'untouched', icon: MinusIcon },
};

const tasks = ({ from, to }: Planned['replicas']) => {
  if (from === to) return to === 1 ? '1 task' : `${to} tasks`;
  return from === 0 ? `${to} new ${to === 1 ? 'task' : 'tasks'}` : `${from} → ${to} tasks`;
};

/** One service of the plan: what happens to it, field by field, and where its new tasks would go. */
export const PlannedServiceBox = ({ service }: { service: Planned }) => {
  const action = ACTIONS[service.action];
  return (
    <section className={styles.service} data-service={service.name} data-action={service.action}>
      <h3>
        <Status tone={action.tone} icon={action.icon}>
          <b>{service.name}</b> {action.word}
        </Status>
        {service.image.reference !== '' && (
          <span className="mono">
            {service.image.reference} {service.image.digest && <ShortId id={service.image.digest} />}
          </span>
        )}
        <span className={styles.end}>
          {tasks(service.replicas)}
          {service.policy !== '' && `, ${service.policy}`}
          {service.estimateMs !== undefined && `, about ${formatDuration(service.estimateMs)}`}
        </span>
      </h3>
      {service.changes.length > 0 && <FieldChanges changes={service.changes} />}
      {service.forecast.length > 0 && (
        <div className={styles.where}>
          {service.forecast.map((each) => (
            <Fragment key={each.slot}>
              <b>slot {each.slot}</b>
              <span>{each.node ?? <Status tone="bad">no node</Status>}</span>
              <span className="dim">{each.sentence}</span>
            </Fragment>
          ))}
        </div>
      )}
    </section>
  );
};
