import type { FieldChange } from '@portreeve/contract';
import type { Compiled, CompiledService } from './compile.ts';
import { canonical, fieldChanges } from './spec-changes.ts';
import type { PresentService, PresentStack } from './state.store.ts';

export type ServiceAction = 'create' | 'replace' | 'scale' | 'untouched' | 'remove';
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

/** What of a revision would change: its spec, the bytes behind its image's name, and versions of what it uses. */
const changesOf = (present: PresentService, compiled: CompiledService): FieldChange[] => {
  const { target } = present;
  if (!target) return [{ path: '', to: compiled.name }];
  const pins = (list: CompiledService['filePins']) =>
    Object.fromEntries(
      list.map(({ kind, source, objectId, version }) => [`${kind} ${source}`, version || objectId]),
    );
  const from = imageOf(target);
  const to = imageOf(compiled);
  return [
    ...fieldChanges(target.spec, compiled.spec),
    ...(compiled.pin && from !== to ? [{ path: 'digest', from, to }] : []),
    ...fieldChanges(pins(target.filePins), pins(compiled.filePins), 'uses'),
  ];
};

const planOne = (compiled: CompiledService, present: PresentService | undefined): PlannedAction => {
  const base = { name: compiled.name, present, compiled };
  const to = compiled.replicas ?? present?.replicas ?? 1;
  if (!present) return { ...base, action: 'create', replicas: { from: 0, to }, changes: [] };
  const replicas = { from: present.replicas, to };
  const changes = changesOf(present, compiled);
  if (changes.length > 0 || present.desired !== 'running')
    return { ...base, action: 'replace', replicas, changes };
  return { ...base, action: to === present.replicas ? 'untouched' : 'scale', replicas, changes };
};

/** What an apply does with each service; services that the file no longer names are removed. Pure. */
export const planActions = (compiled: Compiled, present: PresentStack | undefined): PlannedAction[] => {
  const named = new Set(compiled.services.map(({ name }) => name));
  const gone = (present?.services ?? []).filter(
    ({ name, desired }) => !named.has(name) && desired !== 'removed',
  );
  return [
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
  ];
};

/** Text of everything that a plan was computed from; another text means: it moved. */
export const basisOf = (
  stackVersion: number,
  compiled: Compiled,
  present: PresentStack | undefined,
): Record<string, string> => ({
  stack: String(stackVersion),
  ...Object.fromEntries(
    compiled.services.map(({ name, pin }) => [`image of ${name}`, canonical(pin ?? null)]),
  ),
  ...Object.fromEntries(
    (present?.services ?? []).map(({ name, target, replicas, desired }) => [
      `service ${name}`,
      canonical([target?.id ?? null, replicas, desired]),
    ]),
  ),
  ...Object.fromEntries(
    compiled.objects.bound
      .filter(({ make }) => make === undefined)
      .map(({ kind, source, objectId, version }) => [`${kind} ${source}`, `${objectId} ${version}`]),
  ),
});
