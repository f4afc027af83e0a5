import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ImageConfig } from './config.ts';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

/** An image's only layer, packed once for all the images that share it. */
export interface Layer {
  readonly blob: Buffer;
  readonly digest: string;
  readonly diffId: string;
}

/** Packs a root (see `rootTar`) as a layer. */
export async function packLayer(tar: Buffer): Promise<Layer> {
  const blob = await promisify(gzip)(tar, { level: 6 });
  return { blob, digest: sha256(blob), diffId: sha256(tar) };
}

/** Uploads a blob unless the registry has it. */
export async function pushBlob(registry: string, name: string, blob: Buffer): Promise<string> {
  const digest = sha256(blob);
  const base = `http://${registry}/v2/${name}/blobs`;
  if ((await fetch(`${base}/${digest}`, { method: 'HEAD' })).ok) return digest;
  const begun = await fetch(`${base}/uploads/`, { method: 'POST' });
  const location = begun.headers.get('location');
  if (location === null)
    throw new Error(`${registry} takes no upload: ${begun.status} ${await begun.text()}`);
  const url = new URL(location, base);
  url.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  await mustAccept(await fetch(url, { method: 'PUT', headers, body: new Uint8Array(blob) }));
  return digest;
}

/** Puts an image of one layer into a registry, without an engine, and returns its digest. */
export async function pushImage(
  registry: string,
  name: string,
  tag: string,
  layer: Layer,
  config: ImageConfig,
): Promise<string> {
  const configBlob = Buffer.from(JSON.stringify(imageDocument(layer, config)));
  await Promise.all([pushBlob(registry, name, layer.blob), pushBlob(registry, name, configBlob)]);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, size: configBlob.length, digest: sha256(configBlob) },
    layers: [{ mediaType: LAYER, size: layer.blob.length, digest: layer.digest }],
  });
  const url = `http://${registry}/v2/${name}/manifests/${tag}`;
  await mustAccept(
    await fetch(url, { method: 'PUT', headers: { 'content-type': MANIFEST }, body: manifest }),
  );
  return sha256(Buffer.from(manifest));
}

function imageDocument(layer: Layer, config: ImageConfig): object {
  const created = new Date(0).toISOString();
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    created,
    config,
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created, created_by: 'portreeve lab' }],
  };
}

async function mustAccept(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
