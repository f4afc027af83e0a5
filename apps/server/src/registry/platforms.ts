import { z } from 'zod';
import type { ImageReference } from './reference.ts';
import type { Manifest, Registry } from './registry-client.ts';

const Named = z.object({
  os: z.string().max(40),
  architecture: z.string().max(40),
  variant: z.string().max(40).optional(),
});
const Index = z.object({
  manifests: z.array(z.object({ platform: Named.optional().catch(undefined) })).max(1_000),
});
const Single = z.object({ config: z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }) });

const json = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

const inWords = ({ os, architecture, variant }: z.infer<typeof Named>): string[] =>
  // Signatures and attestations stand in an index as images for no platform.
  os === '' || architecture === '' || os === 'unknown' || architecture === 'unknown'
    ? []
    : [[os, architecture, variant].filter(Boolean).join('/')];

/**
 * The platforms that an image is made for, as `linux/arm64/v8`, from its index or, where it is one image, from its
 * configuration. Undefined where the registry does not tell: then nobody knows, which is no reason to refuse it.
 */
export const platformsOf = async (
  registry: Registry,
  image: ImageReference,
  manifest: Manifest,
): Promise<string[] | undefined> => {
  const content = json(manifest.bytes);
  const index = Index.safeParse(content);
  const single = Single.safeParse(content);
  if (index.success) {
    const all = index.data.manifests.flatMap(({ platform }) => (platform ? inWords(platform) : []));
    return all.length > 0 ? [...new Set(all)].sort() : undefined;
  }
  if (!single.success) return undefined;
  const bytes = await registry.blob(image, single.data.config.digest).catch(() => undefined);
  const config = Named.safeParse(bytes && json(bytes));
  const named = config.success ? inWords(config.data) : [];
  return named.length > 0 ? named : undefined;
};
