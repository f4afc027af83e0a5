import { type ComposeApplication, type ComposeResult, readCompose } from '@portreeve/compose';
import type { Application } from '@portreeve/contract';
import { DomainError, type ImagePin, type ServiceSpec } from '@portreeve/domain';
import type { z } from 'zod';
import { specOnHost } from '../admission/host-mounts.store.ts';
import { hostPortRefusals, type PortPolicy } from '../admission/host-ports.ts';
import { portPolicyOf } from '../admission/port-policy.store.ts';
import { privilegeRefusals } from '../admission/privileges.ts';
import type { RefusalValue } from '../admission/refusal.ts';
import { type ResolveDeps, resolveImage } from '../admission/resolve-image.ts';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import { type BoundObjects, pinsOf } from './bind-objects.ts';
import { requireContents } from './bundle-content.ts';
import type { FilePin } from './rows.ts';
import type { PresentService } from './state.store.ts';

export type ApplicationValue = z.output<typeof Application>;
/** An application with all that it keeps filled in; `secretFiles` are those of its files that were kept unseen. */
export type Sent = Omit<ApplicationValue, 'keep'> & { secretFiles: string[] };

/** A service of the file, ready to become a revision. */
export type CompiledService = {
  name: string;
  /** Absent: the file names none, and the present number stays. */
  replicas: number | undefined;
  spec: ServiceSpec;
  /** Absent where the image could not be resolved; there is a refusal then. */
  pin: ImagePin | undefined;
  filePins: FilePin[];
};
export type Compiled = {
  services: CompiledService[];
  objects: BoundObjects;
  ports: PortPolicy;
  refusals: RefusalValue[];
};

/** What a file asks for, with what was said of it. */
export type Read = ComposeResult;

/** Reads the Compose file of a request; nothing but what came with it is looked at. */
export const readApplication = (sent: Sent): Read => {
  return readCompose({
    files: requireContents(sent.files),
    secretFiles: new Set(sent.secretFiles),
    entry: sent.entry,
    values: sent.values,
    profiles: sent.profiles,
  });
};

/** Throws `compose.invalid` with every place that is wrong. */
export const requireApplication = ({ application, diagnostics }: Read): ComposeApplication => {
  if (application) return application;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  throw new DomainError('compose.invalid', errors[0]?.message ?? 'The Compose file cannot be read.', {
    details: errors.map(({ message, file, line, column, path }) => ({
      message,
      file,
      line,
      column,
      pointer: path,
    })),
  });
};

/** `missing` keeps the digest that the same name meant before; `always` and new names are asked for. */
const keptPin = (spec: ServiceSpec, present: PresentService | undefined): ImagePin | undefined =>
  spec.pullPolicy !== 'always' && present?.target?.spec.image === spec.image ? present.target.pin : undefined;

type Resolved = { pin: ImagePin } | { problem: DomainError };

const resolveAll = async (
  application: ComposeApplication,
  present: readonly PresentService[],
  deps: ResolveDeps,
): Promise<ReadonlyMap<string, Resolved>> => {
  const asked = new Map<string, Promise<Resolved>>();
  const ask = (spec: ServiceSpec): Promise<Resolved> => {
    const key = `${spec.pullPolicy === 'never'} ${spec.image}`;
    const known = asked.get(key);
    if (known) return known;
    const answer = resolveImage(spec.image, spec.pullPolicy, deps).then(
      (pin): Resolved => ({ pin }),
      (error): Resolved => {
        if (error instanceof DomainError) return { problem: error };
        throw error;
      },
    );
    asked.set(key, answer);
    return answer;
  };
  const resolved = await Promise.all(
    application.services.map(async ({ name, spec }) => {
      const kept = keptPin(
        spec,
        present.find((service) => service.name === name),
      );
      return [name, kept ? { pin: kept } : await ask(spec)] as const;
    }),
  );
  return new Map(resolved);
};

const imageRefusal = (service: string, problem: DomainError): RefusalValue => ({
  service,
  code: problem.code,
  message: problem.message,
  hint: problem.hint ?? '',
});

export type CompileInput = {
  db: Tx;
  ctx: RequestContext;
  project: ProjectRow;
  application: ComposeApplication;
  present: readonly PresentService[];
  objects: BoundObjects;
  resolve: ResolveDeps;
};

/** From the file to what would be stored: images resolved, objects bound, and everything that is refused, with why. */
export const compile = async (input: CompileInput): Promise<Compiled> => {
  const { db, ctx, project, application, present, objects } = input;
  const images = await resolveAll(application, present, input.resolve);
  const ports = await portPolicyOf(db, project.path);
  const refusals = [...objects.refusals];
  const services: CompiledService[] = [];
  for (const { name, replicas, spec } of application.services) {
    const filePins = pinsOf(spec, objects);
    refusals.push(...privilegeRefusals(ctx, project.path, name, await specOnHost(db, { spec, filePins })));
    refusals.push(...hostPortRefusals(name, spec, ports).map((refusal) => ({ service: name, ...refusal })));
    const image = images.get(name);
    if (image && 'problem' in image) refusals.push(imageRefusal(name, image.problem));
    const pin = image && 'pin' in image ? image.pin : undefined;
    services.push({ name, replicas, spec, pin, filePins });
  }
  return { services, objects, ports, refusals };
};
