import { DomainError, type ImagePin } from '@portreeve/domain';
import { platformsOf } from '../registry/platforms.ts';
import { isLocalId, parseReference, pinnedReference } from '../registry/reference.ts';
import { openRegistry, type RegistryAccess } from '../registry/registry-client.ts';

/** An image found at an engine. */
export type EngineImage = { nodeId: string; nodeName: string; imageId: string };
/** Asks every connected engine in reach of the project for an image. */
export type FindImage = (reference: string) => Promise<EngineImage[]>;
export type ResolveDeps = { accessTo: (host: string) => RegistryAccess; findImage: FindImage };

const nowhere = (written: string): DomainError =>
  new DomainError('image.unresolvable', `The image ${written} is on none of the connected nodes.`, {
    hint: 'Load it on a node, or push it to a registry that the nodes reach.',
  });

const pinnedTo = (written: string, { nodeId, imageId }: EngineImage): ImagePin => ({
  kind: 'local',
  reference: written,
  imageId,
  nodeId: nodeId as Extract<ImagePin, { kind: 'local' }>['nodeId'],
});

/** An image named by its id: the same bytes wherever it is, so the first node that has it will do. */
const resolveId = async (written: string, findImage: FindImage): Promise<ImagePin> => {
  const found = (await findImage(written)).find(({ imageId }) => imageId === written);
  if (!found) throw nowhere(written);
  return pinnedTo(written, found);
};

/** A name that only engines know is trusted where exactly one has it: two may mean different bytes. */
const resolveAtEngines = async (written: string, findImage: FindImage): Promise<ImagePin | undefined> => {
  const found = await findImage(written);
  if (found.length > 1)
    throw new DomainError(
      'image.unresolvable',
      `The image ${written} is on ${found.length} nodes (${found.map(({ nodeName }) => nodeName).join(', ')}) and in no registry.`,
      { hint: 'Push it to a registry, or name it by its id (sha256:…).' },
    );
  return found[0] && pinnedTo(written, found[0]);
};

const resolveAtRegistry = async (written: string, deps: ResolveDeps): Promise<ImagePin> => {
  const image = parseReference(written);
  const registry = openRegistry(deps.accessTo(image.registry));
  try {
    const manifest = await registry.manifest(image);
    const { digest } = manifest;
    const platforms = await platformsOf(registry, image, manifest);
    return {
      kind: 'digest',
      reference: pinnedReference(image.registry, image.repository, digest),
      registry: image.registry,
      repository: image.repository,
      digest,
      ...(platforms && { platforms }),
    };
  } finally {
    await registry.close();
  }
};

/**
 * The exact image that a name means now: asked of its registry with the project's own credentials, once. An image
 * in no registry is looked for at the engines. Throws `image.unresolvable` or `registry.unreachable`.
 */
export const resolveImage = async (
  written: string,
  pullPolicy: 'always' | 'missing' | 'never',
  deps: ResolveDeps,
): Promise<ImagePin> => {
  if (isLocalId(written)) return resolveId(written, deps.findImage);
  parseReference(written);
  if (pullPolicy === 'never') {
    const local = await resolveAtEngines(written, deps.findImage);
    if (local) return local;
    throw nowhere(written);
  }
  try {
    return await resolveAtRegistry(written, deps);
  } catch (error) {
    const local = await resolveAtEngines(written, deps.findImage);
    if (local) return local;
    throw error;
  }
};

/**
 * Asked before an older revision runs again: may the project still read this very image? A registry that does not
 * answer does not stand in the way of an undo; one that refuses does.
 */
export const requireReadable = async (
  pin: ImagePin,
  accessTo: (host: string) => RegistryAccess,
): Promise<void> => {
  if (pin.kind === 'local') return;
  const registry = openRegistry(accessTo(pin.registry));
  try {
    await registry.manifest(pin);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'registry.unreachable') return;
    throw error;
  } finally {
    await registry.close();
  }
};
