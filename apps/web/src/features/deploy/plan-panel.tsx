import { BanIcon, MinusIcon } from '@patternfly/react-icons';
import type { DeployPlanView } from '@portreeve/contract';
import { formatDuration } from '@portreeve/domain';
import type { ReactNode } from 'react';
import type { ApiError } from '../../lib/call.ts';
import { LoadingLines } from '../../ui/loading.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import { clockTime } from '../../ui/when.tsx';
import styles from './plan-panel.module.css';
import { ACTIONS, type Planned, PlannedServiceBox } from './planned-service.tsx';

type Props = {
  plan: DeployPlanView | undefined;
  error: ApiError | null;
  stale: boolean;
  at: number;
  onGoTo: (file: string, line: number, column: number) => void;
  foot: ReactNode;
};

const ORDER = Object.keys(ACTIONS) as Planned['action'][];

const Sum = ({ plan }: { plan: DeployPlanView }) => (
  <div className={styles.sum}>
    {ORDER.flatMap((action) => {
      const count = plan.services.filter((service) => service.action === action).length;
      return count === 0
        ? []
        : [
            <Status key={action} tone={ACTIONS[action].tone} icon={ACTIONS[action].icon}>
              <b>{count}</b> {ACTIONS[action].word}
            </Status>,
          ];
    })}
    {plan.refusals.length > 0 && (
      <Status tone="bad" icon={BanIcon}>
        <b>{plan.refusals.length}</b> refused
      </Status>
    )}
    {plan.services.length === 0 && <span className="dim">No service yet.</span>}
  </div>
);

const names = (things: readonly { name: string; action: string }[], action: string) =>
  things.filter((each) => each.action === action).map((each) => each.name);

const Facts = ({ plan }: { plan: DeployPlanView }) => {
  const estimates = plan.services.flatMap((service) => service.estimateMs ?? []);
  const lines: [string, string][] = [
    ['Says', plan.summary],
    [
      'Takes',
      estimates.length > 0 ? `about ${formatDuration(Math.max(...estimates))}, from measured rollouts` : '',
    ],
    [
      'Makes',
      [
        ...names(plan.networks, 'create').map((name) => `network ${name}`),
        ...names(plan.volumes, 'create').map((name) => `volume ${name}`),
      ].join(', '),
    ],
    [
      'Removes',
      names(plan.networks, 'remove')
        .map((name) => `network ${name}`)
        .join(', '),
    ],
    [
      'Keeps',
      names(plan.volumes, 'keep')
        .map((name) => `volume ${name}, which nothing would use any more`)
        .join(', '),
    ],
  ];
  return (
    <dl className={styles.facts}>
      {lines
        .filter(([, text]) => text !== '')
        .map(([name, text]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
    </dl>
  );
};

const Problems = ({ plan, onGoTo }: Pick<Props, 'onGoTo'> & { plan: DeployPlanView }) => (
  <ul className={styles.problems}>
    {plan.diagnostics.map((each) => (
      <li key={`${each.file}${each.line}${each.column}${each.message}`}>
        <Status tone={each.severity === 'error' ? 'bad' : 'warn'} wrap>
          <button type="button" className="quiet" onClick={() => onGoTo(each.file, each.line, each.column)}>
            {each.file} {each.line}:{each.column}
          </button>{' '}
          {each.message}
        </Status>
      </li>
    ))}
  </ul>
);

const Refused = ({ plan }: { plan: DeployPlanView }) =>
  plan.refusals.map((each) => (
    <div key={`${each.service}${each.code}${each.message}`} className={styles.refused}>
      <b>{each.service}</b> {each.message} {each.hint && <span className="dim">{each.hint}</span>}
      {each.permission && <span className="mono"> {each.permission}</span>}
    </div>
  ));

const Body = ({ plan, onGoTo }: Pick<Props, 'onGoTo'> & { plan: DeployPlanView }) => {
  const moving = plan.services.filter((service) => service.action !== 'untouched');
  const quiet = plan.services.filter((service) => service.action === 'untouched');
  return (
    <>
      <Sum plan={plan} />
      <Problems plan={plan} onGoTo={onGoTo} />
      <Facts plan={plan} />
      <Refused plan={plan} />
      {moving.map((service) => (
        <PlannedServiceBox key={service.name} service={service} />
      ))}
      {quiet.length > 0 && (
        <section className={styles.service}>
          <Status tone="off" icon={MinusIcon} wrap>
            Untouched: {quiet.map((service) => service.name).join(', ')}
          </Status>
        </section>
      )}
    </>
  );
};

/** What the file would do, redrawn while it is written. */
export const PlanPanel = ({ plan, error, stale, at, onGoTo, foot }: Props) => (
  <Panel
    className={styles.plan}
    title="Plan"
    aside={stale ? 'redrawing…' : plan && `as of ${clockTime(at)}; nodes are a forecast`}
  >
    <ProblemNote error={error} />
    <div className={stale ? styles.stale : undefined} aria-busy={stale}>
      {plan ? <Body plan={plan} onGoTo={onGoTo} /> : error === null && <LoadingLines lines={6} />}
    </div>
    {foot}
  </Panel>
);
