import type { FieldChange } from '@portreeve/contract';
import { diffSpec, needsNewTasks } from '@portreeve/planning';
import type { Compiled, CompiledService } from './compile.ts';
import type { PresentService, PresentStack } from './state.store.ts';

export type ServiceAction = 'create' | 'replace' | 'update' | 'scale' | 'untouched' | 'remove';
export type PlannedAction = {
  name: string;
  action: ServiceAction;
  present: PresentService | undefined;
  compiled: CompiledService | undefined;
  replicas: { from: number; to: number };
  changes: FieldChange[];
};

const imageOf = (service: { pin: CompiledService['pin'] } | undefined): string | undefined =>
  service?.pin?.kind === 'digest' ? service.pin.digest : service?.pin?.imageId;

const pinText = (service: Pick<CompiledService, 'filePins'>): Record<string, string> =>
  Object.fromEntries(
    service.filePins.map(({ kind, source, objectId, version }) => [
      `${kind} ${source}`,
      version > 0 ? `version ${version}` : objectId,
    ]),
  );

/** The bytes behind its image's name, and the objects and versions it uses. */
const pinChanges = (
  target: NonNullable<PresentService['target']>,
  compiled: CompiledService,
): FieldChange[] => {
  const from = { digest: imageOf(target) ?? '', ...pinText(target) };
  const to = { digest: imageOf(compiled) ?? from.digest, ...pinText(compiled) };
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])] as (keyof typeof from)[];
  return keys
    .filter((key) => from[key] !== to[key])
    .map((key) => ({ path: key, from: from[key], to: to[key] }));
};

/** What runs may stay when only rules change, and no rollout is under way that would have to be told. */
const staysRunning = (present: PresentService, compiled: CompiledService): boolean =>
  present.target !== undefined &&
  present.rollout === undefined &&
  present.target.id === present.currentRevisionId &&
  !needsNewTasks(present.target.spec, compiled.spec);

const planOne = (compiled: CompiledService, present: PresentService | undefined): PlannedAction => {
  const base = { name: compiled.name, present, compiled };
  const to = compiled.replicas ?? present?.replicas ?? 1;
  if (!present?.target)
    return {
      ...base,
      action: 'create',
      replicas: { from: 0, to },
      changes: diffSpec(undefined, compiled.spec),
    };
  const replicas = { from: present.replicas, to };
  const pins = pinChanges(present.target, compiled);
  const changes = [...diffSpec(present.target.spec, compiled.spec), ...pins];
  const leftBehind = present.mixed && present.rollout === undefined;
  if (present.desired !== 'running' || leftBehind) return { ...base, action: 'replace', replicas, changes };
  if (changes.length === 0)
    return { ...base, action: to === present.replicas ? 'untouched' : 'scale', replicas, changes };
  const action = pins.length === 0 && staysRunning(present, compiled) ? 'update' : 'replace';
  return { ...base, action, replicas, changes };
};

/**
 * `depends_on` with `restart: true`: what is replaced takes those along that asked for it, and these others. Each is
 * turned when the one it depends on has been.
 */
const withRestarts = (actions: PlannedAction[]): PlannedAction[] => {
  const replaced = new Set(actions.filter(({ action }) => action === 'replace').map(({ name }) => name));
  const next = actions.map((planned): PlannedAction => {
    const cause = planned.compiled?.spec.dependsOn.find(
      ({ restart, service }) => restart && replaced.has(service),
    );
    if (!cause || ['create', 'replace', 'remove'].includes(planned.action)) return planned;
    const change = { path: `dependsOn.${cause.service}`, to: 'replaced, and restart is asked for' };
    return { ...planned, action: 'replace', changes: [...planned.changes, change] };
  });
  return next.some((planned, index) => planned !== actions[index]) ? withRestarts(next) : next;
};

/** What an apply does with each service; services that the file no longer names are removed. Pure. */
export const planActions = (compiled: Compiled, present: PresentStack | undefined): PlannedAction[] => {
  const named = new Set(compiled.services.map(({ name }) => name));
  const gone = (present?.services ?? []).filter(
    ({ name, desired }) => !named.has(name) && desired !== 'removed',
  );
  return withRestarts([
    ...compiled.services.map((service) =>
      planOne(
        service,
        present?.services.find(({ name }) => name === service.name),
      ),
    ),
    ...gone.map(
      (service): PlannedAction => ({
        name: service.name,
        action: 'remove',
        present: service,
        compiled: undefined,
        replicas: { from: service.replicas, to: 0 },
        changes: [],
      }),
    ),
  ]);
};
