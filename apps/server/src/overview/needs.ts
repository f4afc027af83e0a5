import type { AlertView, Overview, ServiceSummary } from '@portreeve/contract';
import { type Cause, namesInWords } from './cause.ts';

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
export const SUSPECT_MS = 60 * 60_000;

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
export const SLACK_MS = 2_000;
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

/** Why a task has no node is told node by node on a page of its own. */
const pathOf = ({ kind, path }: AlertView): string | null =>
  kind === 'unplaceable' && path !== null ? `${path}/placement` : path;
const sinceOf = (troubles: readonly Trouble[]): string =>
  troubles.map(({ view }) => view.since).sort()[0] ?? '';

/** The alerts of one service, or one of something else, the most telling first. */
type Subject = readonly [Trouble, ...Trouble[]];
const byTelling = (troubles: Subject): Subject =>
  troubles.toSorted(
    (a, b) => RANK[a.view.severity] - RANK[b.view.severity] || telling(a) - telling(b),
  ) as unknown as Subject;

const alertNeed = (
  troubles: Subject,
  suspects: readonly Suspect[],
  undo: Undo | undefined,
  isDown: boolean,
  downWithIt: readonly ServiceSummary[],
): Need => {
  const [first, ...others] = troubles;
  const { view, serviceId, stackId, objectId } = first;
  const since = sinceOf(troubles);
  const path = pathOf(view);
  const hint = others.length === 0 ? view.hint : others.map((one) => one.view.message).join(' ');
  const down = namesInWords(downWithIt.map(fullName));
  const undoable = troubles.some((one) => UNDOABLE.has(one.view.kind));
  return {
    id: view.id,
    severity: isDown ? 'critical' : view.severity,
    text: view.message,
    hint: down === '' ? hint : `Down until it is back: ${down}. ${hint}`,
    since,
    before: changeBefore(suspects, since, [serviceId, stackId, objectId], serviceId !== null),
    help: helpOf(
      undoable ? undo : undefined,
      since,
      path === null ? null : { label: LABELS[view.kind] ?? 'See it', path },
    ),
  };
};

/** Services that one cause keeps from a node are one line. */
const causeNeed = (
  kept: readonly Subject[],
  cause: string,
  tasks: number,
  services: ReadonlyMap<string, ServiceSummary>,
  suspects: readonly Suspect[],
): Need => {
  const alerts = kept.flat();
  const of = alerts.flatMap(({ serviceId }) => services.get(serviceId ?? '') ?? []);
  const own = alerts.flatMap(({ serviceId, stackId }) => [serviceId, stackId]);
  const since = sinceOf(alerts);
  const first = kept.map(([{ view }]) => view).toSorted((a, b) => a.id.localeCompare(b.id))[0];
  const path = first ? pathOf(first) : null;
  return {
    id: first?.id ?? cause,
    severity: of.some(({ state }) => state === 'down') ? 'critical' : 'warning',
    text: `${kept.length} services have ${tasks} tasks without a node: ${cause}.`,
    hint: `${namesInWords([...new Set(of.map(fullName))].sort())}.`,
    since,
    before: changeBefore(suspects, since, own, true),
    help: path === null ? null : { kind: 'link', label: LABELS.unplaceable ?? '', path },
  };
};

const fullName = ({ stackName, name }: ServiceSummary): string => `${stackName}/${name}`;

const downNeed = (service: ServiceSummary, suspects: readonly Suspect[], undo: Undo | undefined): Need => {
  const { id, stackId, why, changedAt } = service;
  return {
    id,
    severity: 'critical',
    text: `${fullName(service)} is down.`,
    hint: why,
    since: changedAt,
    before: changeBefore(suspects, changedAt, [id, stackId], true),
    help: helpOf(undo, changedAt, { label: 'See its tasks', path: `/services/${id}` }),
  };
};

type Seen = {
  alerts: readonly Trouble[];
  services: readonly ServiceSummary[];
  suspects: readonly Suspect[];
  undos: ReadonlyMap<string, Undo>;
  /** By service: what keeps its tasks from a node. */
  causes: ReadonlyMap<string, Cause>;
  /** By service that is down: the silent node that its tasks wait for. */
  waitFor: ReadonlyMap<string, string>;
};

/**
 * What needs a person, worst first: open alerts, one line for each service, and services that are down without one. Where
 * one cause stops several, it is the line.
 */
export const needsOf = (seen: Seen): Need[] => {
  const { alerts, suspects, undos, causes, waitFor } = seen;
  const services = new Map(seen.services.map((service) => [service.id, service]));
  const isDown = (id: string | null): boolean => services.get(id ?? '')?.state === 'down';
  const subjects = [...Map.groupBy(alerts, ({ view, serviceId }) => serviceId ?? view.id).values()].map(
    (troubles) => byTelling(troubles as unknown as Subject),
  );
  const causeOf = ([{ view, serviceId }]: Subject): string | undefined =>
    view.kind === 'unplaceable' ? causes.get(serviceId ?? '')?.text : undefined;
  const shared = [...Map.groupBy(subjects, causeOf)].flatMap(([cause, kept]) =>
    cause !== undefined && kept.length > 1 ? [{ cause, kept }] : [],
  );
  const together = new Set(shared.flatMap(({ kept }) => kept));
  const told = new Set(alerts.map(({ serviceId }) => serviceId));
  const lost = new Set(
    alerts.flatMap(({ view, objectId }) => (view.kind === 'node-lost' ? (objectId ?? []) : [])),
  );
  const down = seen.services.filter(({ id, state }) => state === 'down' && !told.has(id));
  const isOfLost = ({ id }: ServiceSummary): boolean => lost.has(waitFor.get(id) ?? '');
  const downWith = ({ view, objectId }: Trouble) =>
    view.kind === 'node-lost' ? down.filter(({ id }) => waitFor.get(id) === objectId) : [];
  const tasksOf = (kept: readonly Subject[]): number =>
    kept.reduce((sum, [{ serviceId }]) => sum + (causes.get(serviceId ?? '')?.tasks ?? 0), 0);
  return [
    ...subjects
      .filter((subject) => !together.has(subject))
      .map((subject) => {
        const [{ serviceId }] = subject;
        const undo = undos.get(serviceId ?? '');
        return alertNeed(subject, suspects, undo, isDown(serviceId), downWith(subject[0]));
      }),
    ...shared.map(({ cause, kept }) => causeNeed(kept, cause, tasksOf(kept), services, suspects)),
    ...down
      .filter((service) => !isOfLost(service))
      .map((service) => downNeed(service, suspects, undos.get(service.id))),
  ].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
};
