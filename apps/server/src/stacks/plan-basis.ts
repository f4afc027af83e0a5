import { DomainError, type ImagePin } from '@portreeve/domain';
import { portsInWords } from '../projects/port-range.ts';
import type { Compiled } from './compile.ts';
import type { PresentStack } from './state.store.ts';

/** What a plan was computed from, each thing by what it is called and how it stood. */
export type Basis = Record<string, string>;

const pinInWords = (pin: ImagePin | undefined): string => {
  if (!pin) return 'none';
  return pin.kind === 'digest' ? pin.digest : `${pin.imageId} at the host ${pin.nodeId}`;
};

const serviceInWords = ({ target, replicas, desired }: PresentStack['services'][number]): string =>
  `${target ? `revision ${target.number}` : 'no revision'}, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}, ${desired}`;

/** The policies that say whether this file may run: a change of what it does not ask for is none to it. */
const policiesOf = ({ services, ports }: Compiled): Basis =>
  services.some(({ spec }) => spec.ports.some(({ published }) => published !== undefined))
    ? { [`range of host ports of ${ports.projectPath}`]: portsInWords(ports) }
    : {};

/** Text of everything that a plan was computed from; another text means: it moved. */
export const basisOf = (
  stackVersion: number,
  compiled: Compiled,
  present: PresentStack | undefined,
): Basis => ({
  stack: `version ${stackVersion}`,
  ...Object.fromEntries(compiled.services.map(({ name, pin }) => [`image of ${name}`, pinInWords(pin)])),
  ...Object.fromEntries(
    (present?.services ?? []).map((service) => [`service ${service.name}`, serviceInWords(service)]),
  ),
  ...Object.fromEntries(
    compiled.objects.bound
      .filter(({ make }) => make === undefined)
      .map(({ kind, source, objectId, version }) => [
        `${kind} ${source}`,
        version > 0 ? `version ${version} of ${objectId}` : objectId,
      ]),
  ),
  ...policiesOf(compiled),
});

/** A sentence has room for the beginning of a digest, by which people know it; the details have all of it. */
const brief = (text: string): string => text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…');

/**
 * Throws `plan.moved` with the difference when anything that a plan was computed from is another by now; what would
 * be refused for it is told with it.
 */
export const requireUnmoved = (
  planned: Basis,
  now: Basis,
  refusals: readonly { message: string; hint?: string }[],
): void => {
  const keys = [...new Set([...Object.keys(planned), ...Object.keys(now)])];
  const moves = keys
    .filter((key) => planned[key] !== now[key])
    .map((key) => ({ key, move: `${planned[key] ?? 'none'} → ${now[key] ?? 'none'}` }));
  if (moves.length === 0) return;
  const told = moves.map(({ key, move }) => `the ${key} (${brief(move)})`).join(', ');
  throw new DomainError('plan.moved', `Since this plan was made, ${told} changed; nothing was applied.`, {
    hint: 'Plan again and look at the difference.',
    details: [
      ...moves.map(({ key, move }) => ({ message: `the ${key}: ${move}` })),
      ...refusals.map(({ message, hint }) => ({ message, ...(hint && { hint }) })),
    ],
  });
};
