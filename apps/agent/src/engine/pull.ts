import type { AuthConfig } from 'dockerode';
import type { Engine } from './engine.ts';

export type PullProgress = { currentBytes: number; totalBytes: number };

type Line = {
  id?: string;
  status?: string;
  error?: string;
  progressDetail?: { current?: number; total?: number };
};

/** A pull that brings no byte for this long has stalled, however long it may take in all. */
const STALL_MS = 120_000;

/** Folds lines of a pull into one figure; only downloads count, extraction repeats their bytes. */
export const foldProgress = (layers: Map<string, PullProgress>, line: Line): PullProgress => {
  const { current, total } = line.progressDetail ?? {};
  if (line.id && line.status === 'Downloading' && total)
    layers.set(line.id, { currentBytes: current ?? 0, totalBytes: total });
  if (line.id && (line.status === 'Download complete' || line.status === 'Pull complete')) {
    const layer = layers.get(line.id);
    if (layer) layer.currentBytes = layer.totalBytes;
  }
  let sum: PullProgress = { currentBytes: 0, totalBytes: 0 };
  for (const layer of layers.values())
    sum = {
      currentBytes: sum.currentBytes + layer.currentBytes,
      totalBytes: sum.totalBytes + layer.totalBytes,
    };
  return sum;
};

type Options = {
  reference: string;
  platform?: string;
  auth?: AuthConfig;
  signal: AbortSignal;
  stallMs?: number;
  onProgress(progress: PullProgress): void;
};

/** Pulls by digest. Fails with the registry's words, or when nothing has moved for `stallMs`. */
export const pullImage = async (engine: Engine, options: Options): Promise<void> => {
  const { stallMs = STALL_MS } = options;
  const stalled = new AbortController();
  const stall = () => stalled.abort(new Error(`the pull brought nothing for ${stallMs / 1000} s`));
  let timer = setTimeout(stall, stallMs);
  const signal = AbortSignal.any([options.signal, stalled.signal]);
  const layers = new Map<string, PullProgress>();
  try {
    const stream = await engine.docker.pull(options.reference, {
      abortSignal: signal,
      authconfig: options.auth,
      platform: options.platform,
    });
    signal.addEventListener('abort', () => (stream as unknown as { destroy(): void }).destroy(), {
      once: true,
    });
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      engine.docker.modem.followProgress(
        stream,
        (error, lines: Line[]) => {
          const failed = lines?.find((line) => line.error !== undefined);
          if (error ?? failed) reject(error ?? new Error(failed?.error));
          else resolve();
        },
        (line: Line) => {
          clearTimeout(timer);
          timer = setTimeout(stall, stallMs);
          options.onProgress(foldProgress(layers, line));
        },
      );
    });
  } finally {
    clearTimeout(timer);
  }
};
