import type { ServiceSummary, StackSummary } from '@portreeve/contract';
import { isEnded } from '@portreeve/domain';
import type { ServiceListRow } from './service-rows.store.ts';

export type ServiceState = ServiceSummary['state'];
export type Standing = { state: ServiceState; why: string; count: { ready: number; wanted: number } };

const wantedOf = (row: ServiceListRow): number => {
  if (row.desired !== 'running') return 0;
  return row.mode === 'global' ? Math.max(row.slots, row.complete) : row.replicas;
};

const dependencies = (row: ServiceListRow): string =>
  row.waitingOn
    .filter(({ kind }) => kind === 'dependencies')
    .flatMap(({ services = [] }) => services)
    .join(', ');

const troubleOf = (row: ServiceListRow): string => {
  if (row.unknown > 0)
    return `${row.unknown} of its tasks ${row.unknown === 1 ? 'is' : 'are'} on a silent node`;
  if (row.trouble) return row.trouble;
  const [waiting] = row.waitingOn;
  return waiting?.sentence ?? row.next;
};

/** State of a service and its cause in words, from what was counted. Pure. */
export const standingOf = (row: ServiceListRow): Standing => {
  const wanted = wantedOf(row);
  const served = Math.min(row.ready + row.complete, wanted);
  const count = { ready: served, wanted };
  const is = (state: ServiceState, why = ''): Standing => ({ state, why, count });
  const { rollout } = row;
  if (row.desired === 'removed') return is('changing', 'it is being removed');
  if (row.desired === 'stopped') return row.live > 0 ? is('changing', 'it is being stopped') : is('stopped');
  const waitsFor = dependencies(row);
  if (waitsFor && row.live === 0) return is('waiting', `waits for ${waitsFor}`);
  if (rollout?.state === 'paused')
    return is(
      served === 0 && wanted > 0 ? 'down' : 'degraded',
      `rollout ${rollout.number} is paused: ${rollout.reason}`,
    );
  if (rollout && !isEnded(rollout.state)) {
    const why = row.trouble || `rollout ${rollout.number} is ${rollout.state}`;
    return is(row.ready === 0 && row.trouble ? 'down' : 'changing', why);
  }
  if (wanted === 0)
    return row.live > 0 ? is('changing', 'it is being scaled to none') : is('stopped', 'it has no replicas');
  if (served >= wanted) return row.live === 0 && row.complete > 0 ? is('complete') : is('healthy');
  if (row.fresh > 0 && !row.trouble && row.unknown === 0)
    return is('changing', row.next || 'tasks are starting');
  return is(row.ready === 0 ? 'down' : 'degraded', troubleOf(row));
};

const WORST: readonly ServiceState[] = [
  'down',
  'degraded',
  'changing',
  'waiting',
  'healthy',
  'complete',
  'stopped',
];

/** Key that sorts what stands worst to the top, and what stands alike by name. */
export const worstFirst = (state: ServiceState | StackSummary['state'], name: string): string => {
  const rank = state === 'removing' ? 'changing' : state === 'empty' ? 'stopped' : state;
  return `${WORST.indexOf(rank)} ${name}`;
};

/** State of a stack: that of its worst service. */
export const stackStanding = (
  stackState: string,
  services: readonly { name: string; standing: Standing }[],
): Pick<StackSummary, 'state' | 'why' | 'count'> => {
  const count = {
    ready: services.reduce((sum, { standing }) => sum + standing.count.ready, 0),
    wanted: services.reduce((sum, { standing }) => sum + standing.count.wanted, 0),
  };
  if (stackState === 'removing') return { state: 'removing', why: 'it is being removed', count };
  const worst = services.toSorted(
    (a, b) => WORST.indexOf(a.standing.state) - WORST.indexOf(b.standing.state),
  )[0];
  if (!worst) return { state: 'empty', why: '', count };
  const { state, why } = worst.standing;
  if (state === 'complete' || state === 'healthy') return { state: 'healthy', why: '', count };
  return { state: state === 'waiting' ? 'changing' : state, why: why ? `${worst.name}: ${why}` : '', count };
};
