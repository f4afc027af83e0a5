import type { AuthConfig } from 'dockerode';
import pLimit from 'p-limit';
import type { Engine } from '../engine/engine.ts';
import { type PullProgress, pullImage } from '../engine/pull.ts';

const AT_ONCE = 3;

type Shared = {
  done: Promise<void>;
  cancel: AbortController;
  users: number;
  tell: Set<(p: PullProgress) => void>;
};

export type PullRequest = {
  reference: string;
  platform?: string | undefined;
  auth?: AuthConfig | undefined;
  signal: AbortSignal;
  onProgress(progress: PullProgress): void;
};

/** Pulls for many tasks: one per image, three at once; one that nobody waits for any more is cancelled. */
export const sharedPulls = (engine: () => Engine): ((request: PullRequest) => Promise<void>) => {
  const running = new Map<string, Shared>();
  const turn = pLimit(AT_ONCE);

  const begin = (request: PullRequest): Shared => {
    const cancel = new AbortController();
    const tell = new Set<(progress: PullProgress) => void>();
    const onProgress = (progress: PullProgress): void => {
      for (const one of tell) one(progress);
    };
    const { reference, platform, auth } = request;
    const done = turn(() =>
      pullImage(engine(), { reference, platform, auth, signal: cancel.signal, onProgress }),
    ).finally(() => running.delete(reference));
    done.catch(() => undefined);
    const shared = { done, cancel, users: 0, tell };
    running.set(reference, shared);
    return shared;
  };

  return async (request) => {
    request.signal.throwIfAborted();
    const shared = running.get(request.reference) ?? begin(request);
    shared.users += 1;
    shared.tell.add(request.onProgress);
    const left = new Promise<never>((_, reject) =>
      request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true }),
    );
    try {
      await Promise.race([shared.done, left]);
    } finally {
      shared.users -= 1;
      shared.tell.delete(request.onProgress);
      if (shared.users === 0) shared.cancel.abort(new Error('nobody waits for this image any more'));
    }
  };
};
