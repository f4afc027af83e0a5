import { request } from 'node:http';
import { type ImageConfig, toChanges } from './config.ts';
import { type ImageFile, rootTar } from './files.ts';

/** An image to be made in an engine, with no registry and no internet. */
export interface ImageRecipe {
  /** The engine: a socket's path, or `unix://…` or `tcp://host:port` as in DOCKER_HOST. */
  readonly docker: string;
  /** `repository` or `repository:tag`. */
  readonly name: string;
  readonly files: readonly ImageFile[];
  readonly config: ImageConfig;
}

/** Makes an image in an engine, as `docker import --change …` does, and returns the engine's id of it. */
export async function buildImage(recipe: ImageRecipe): Promise<string> {
  const { repository, tag } = splitName(recipe.name);
  const query = new URLSearchParams({ fromSrc: '-', repo: repository, tag });
  for (const change of toChanges(recipe.config)) query.append('changes', change);
  const answer = await post(recipe.docker, `/images/create?${query}`, await rootTar(recipe.files));
  const lines = answer.trim().split('\n').map(parseLine);
  const failure = lines.find((line) => line.error !== undefined);
  if (failure !== undefined) throw new Error(`cannot make ${recipe.name}: ${failure.error}`);
  const id = lines.findLast((line) => line.status?.startsWith('sha256:'))?.status;
  if (id === undefined) throw new Error(`cannot make ${recipe.name}: the engine answered ${answer.trim()}`);
  return id;
}

function splitName(name: string): { repository: string; tag: string } {
  const colon = name.lastIndexOf(':');
  if (colon <= name.lastIndexOf('/')) return { repository: name, tag: 'latest' };
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}

function parseLine(line: string): { status?: string; error?: string; message?: string } {
  const parsed: { status?: string; error?: string; message?: string } = JSON.parse(line);
  return parsed.message === undefined ? parsed : { error: parsed.message };
}

function post(docker: string, path: string, body: Buffer): Promise<string> {
  const headers = { 'content-type': 'application/x-tar', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const call = request({ ...target(docker), path, method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    call.on('error', reject);
    call.end(body);
  });
}

function target(docker: string): { socketPath: string } | { host: string; port: number } {
  if (docker.startsWith('/')) return { socketPath: docker };
  const url = new URL(docker);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  return { host: url.hostname, port: Number(url.port || 2375) };
}
