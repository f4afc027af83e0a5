import type { AlertView, Overview, ServiceSummary } from '@portreeve/contract';

type Need = Overview['needs'][number];
/** A service that was changed lately, and the revision it can go back to. */
export type Undo = {
  serviceId: string;
  name: string;
  from: number;
  to: number;
  replaces: number;
  changedAt: string;
};
/** What may have brought a trouble: something a person did, or a host that was lost. `ids` are the objects it speaks of. */
export type Suspect = { at: string; text: string; actor: string | null; ids: readonly string[] };
/** An open alert, and the service or else the object that it is about. */
export type Trouble = { view: AlertView; serviceId: string | null; stackId?: string; objectId?: string };

const LABELS: Record<string, string> = {
  'node-lost': 'Why offline',
  'rollout-paused': 'See the rollout',
  'rollout-failed': 'See the rollout',
  'crash-loop': 'See its tasks',
  unplaceable: 'See why',
  disk: 'See the node',
  'same-address': 'See the node',
};
/** Troubles that a change of the service may have brought. */
const UNDOABLE = new Set(['rollout-paused', 'crash-loop', 'unplaceable']);
/** A change this long before a trouble is taken for what brought it. */
const SUSPECT_MS = 60 * 60_000;

const isSuspect = (change: Undo, since: string): boolean => {
  const age = Date.parse(since) - Date.parse(change.changedAt);
  return age >= 0 && age <= SUSPECT_MS;
};

const helpOf = (
  undo: Undo | undefined,
  since: string,
  link: { label: string; path: string } | null,
): Need['help'] => {
  if (undo && isSuspect(undo, since)) {
    const { changedAt: _, ...what } = undo;
    return { kind: 'undo', ...what };
  }
  return link && { kind: 'link', ...link };
};

/** An apply is written down a moment after what it changed. */
const SLACK_MS = 2_000;
/** Without a tie to the trouble only what came this shortly before it is named. */
const NEAR_MS = 10 * 60_000;

/**
 * What changed just before: the newest change of the very objects, else for a service what came shortly before. A
 * change of other things brings no host down, and a trouble is not its own cause.
 */
const changeBefore = (
  suspects: readonly Suspect[],
  since: string,
  own: readonly (string | null | undefined)[],
  ofService: boolean,
): string => {
  const age = ({ at }: Suspect): number => Date.parse(since) - Date.parse(at);
  const before = suspects.filter((one) => age(one) >= -SLACK_MS && age(one) <= SUSPECT_MS);
  const isOwn = ({ ids }: Suspect): boolean => ids.some((id) => own.includes(id));
  const isNear = (one: Suspect): boolean => age(one) >= 0 && age(one) <= NEAR_MS && !isOwn(one);
  const tied = before.find((one) => one.actor !== null && isOwn(one));
  const near = ofService ? before.find(isNear) : undefined;
  return (tied ?? near)?.text ?? '';
};

/** Of several alerts of one service, the one that tells most is its headline; the others are told below it. */
const TELLING = ['rollout-paused', 'rollout-failed', 'unplaceable', 'crash-loop'];
const RANK = { critical: 0, warning: 1, info: 2 };
const telling = ({ view }: Trouble): number => TELLING.indexOf(view.kind) + 1 || TELLING.length + 1;

const alertNeed = (
  troubles: readonly [Trouble, ...Trouble[]],
  suspects: readonly Suspect[],
  undo: Undo | undefined,
): Need => {
  const sorted = troubles.toSorted(
    (a, b) => RANK[a.view.severity] - RANK[b.view.severity] || telling(a) - telling(b),
  );
  const [first = troubles[0], ...others] = sorted;
  const { view, serviceId, stackId, objectId } = first;
  const since = troubles.map((one) => one.view.since).sort()[0] ?? view.since;
  const undoable = troubles.some((one) => UNDOABLE.has(one.view.kind));
  return {
    id: view.id,
    severity: view.severity,
    text: view.message,
    hint: others.length === 0 ? view.hint : others.map((one) => one.view.message).join(' '),
    since,
    before: changeBefore(suspects, since, [serviceId, stackId, objectId], serviceId !== null),
    help: helpOf(
      undoable ? undo : undefined,
      since,
      view.path === null ? null : { label: LABELS[view.kind] ?? 'See it', path: view.path },
    ),
  };
};

const downNeed = (service: ServiceSummary, suspects: readonly Suspect[], undo: Undo | undefined): Need => {
  const { id, stackId, name, stackName, why, changedAt } = service;
  return {
    id,
    severity: 'critical',
    text: `${stackName}/${name} is down.`,
    hint: why,
    since: changedAt,
    before: changeBefore(suspects, changedAt, [id, stackId], true),
    help: helpOf(undo, changedAt, { label: 'See its tasks', path: `/services/${id}` }),
  };
};

/** What needs a person, worst first: open alerts, one line for each service, and services that are down without one. */
export const needsOf = (seen: {
  alerts: readonly Trouble[];
  services: readonly ServiceSummary[];
  suspects: readonly Suspect[];
  undos: ReadonlyMap<string, Undo>;
}): Need[] => {
  const { alerts, services, suspects, undos } = seen;
  const told = new Set(alerts.map(({ serviceId }) => serviceId));
  const down = services.filter(({ id, state }) => state === 'down' && !told.has(id));
  const subjects = Map.groupBy(alerts, ({ view, serviceId }) => serviceId ?? view.id);
  return [
    ...[...subjects.values()].flatMap(([first, ...more]) =>
      first ? alertNeed([first, ...more], suspects, undos.get(first.serviceId ?? '')) : [],
    ),
    ...down.map((service) => downNeed(service, suspects, undos.get(service.id))),
  ].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
};
