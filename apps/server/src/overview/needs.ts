import type { AlertView, EventView, Overview, ServiceSummary } from '@portreeve/contract';

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

const suspects = (change: Undo, since: string): boolean => {
  const age = Date.parse(since) - Date.parse(change.changedAt);
  return age >= 0 && age <= SUSPECT_MS;
};

const helpOf = (
  undo: Undo | undefined,
  since: string,
  link: { label: string; path: string } | null,
): Need['help'] => {
  if (undo && suspects(undo, since)) {
    const { changedAt: _, ...what } = undo;
    return { kind: 'undo', ...what };
  }
  return link && { kind: 'link', ...link };
};

/** What changed just before: what a person did first, since the rest mostly follows from it. */
const changeBefore = (changes: readonly EventView[], since: string): string => {
  const before = changes.filter(({ at }) => at <= since);
  return (before.find(({ actor }) => actor !== null) ?? before[0])?.text ?? '';
};

const alertNeed = (alert: AlertView, changes: readonly EventView[], undo: Undo | undefined): Need => ({
  id: alert.id,
  severity: alert.severity,
  text: alert.message,
  hint: alert.hint,
  since: alert.since,
  before: changeBefore(changes, alert.since),
  help: helpOf(
    UNDOABLE.has(alert.kind) ? undo : undefined,
    alert.since,
    alert.path === null ? null : { label: LABELS[alert.kind] ?? 'See it', path: alert.path },
  ),
});

const downNeed = (service: ServiceSummary, changes: readonly EventView[], undo: Undo | undefined): Need => {
  const { id, name, stackName, why, changedAt } = service;
  return {
    id,
    severity: 'critical',
    text: `${stackName}/${name} is down.`,
    hint: why,
    since: changedAt,
    before: changeBefore(changes, changedAt),
    help: helpOf(undo, changedAt, { label: 'See its tasks', path: `/services/${id}` }),
  };
};

const RANK = { critical: 0, warning: 1, info: 2 };

/** What needs a person, worst first: open alerts, and services that are down and that no alert speaks of. */
export const needsOf = (seen: {
  alerts: readonly { view: AlertView; serviceId: string | null }[];
  services: readonly ServiceSummary[];
  changes: readonly EventView[];
  undos: ReadonlyMap<string, Undo>;
}): Need[] => {
  const { alerts, services, changes, undos } = seen;
  const told = new Set(alerts.map(({ serviceId }) => serviceId));
  const down = services.filter(({ id, state }) => state === 'down' && !told.has(id));
  return [
    ...alerts.map(({ view, serviceId }) => alertNeed(view, changes, undos.get(serviceId ?? ''))),
    ...down.map((service) => downNeed(service, changes, undos.get(service.id))),
  ].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
};
