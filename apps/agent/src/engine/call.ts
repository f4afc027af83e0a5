import type { AgentEvent } from '@portreeve/agent-protocol';
import { messageOf } from '../errors.ts';

export type CallRecorder = (event: AgentEvent) => void;

/** Status of an answer of the engine; undefined when there was none (silence, a cut connection, a timeout). */
export const statusOf = (error: unknown): number | undefined =>
  (error as { statusCode?: number } | undefined)?.statusCode;

/** What the engine said, without dockerode's wrapping. */
export const engineMessage = (error: unknown): string =>
  messageOf(error).replace(/^\(HTTP code \d+\) [a-z ]+ - /, '');

/** What engines answer while they go, or while what runs their containers is not there yet. */
const LEAVING =
  /(transport|connection) is closing|context canceled|ttrpc: closed|shutting down|code = Unavailable|containerd\.sock|failed to update store for object/i;

/** What ran in the container outlived the engine that knew of it: this container starts no more, another one does. */
const ORPHANED = /\btask [0-9a-f]{64}: already exists|\/moby\/[0-9a-f]{64}: file exists/;
export const isOrphaned = (error: unknown): boolean => ORPHANED.test(messageOf(error));

/** True when the engine refuses because of its own end, not for what it was asked: the same will work when it is back. */
export const isLeaving = (error: unknown): boolean => LEAVING.test(messageOf(error)) || isOrphaned(error);

type Call = { what: string; taskId?: string; timeoutMs?: number; quiet?: boolean };

/** One call to the engine: never longer than its time, and a line in the timeline with its result. */
export const timed = async <T>(
  record: CallRecorder,
  call: Call,
  run: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const begun = Date.now();
  const timeoutMs = call.timeoutMs ?? 60_000;
  const signal = AbortSignal.timeout(timeoutMs);
  const done = (ok: boolean, text: string): void => {
    if (call.quiet) return;
    record({
      at: new Date(begun).toISOString(),
      kind: 'engine-call',
      taskId: call.taskId,
      text,
      durationMs: Date.now() - begun,
      ok,
    });
  };
  try {
    const value = await Promise.race([
      run(signal),
      new Promise<never>((_, reject) =>
        signal.addEventListener(
          'abort',
          () => reject(new Error(`the engine did not answer within ${timeoutMs} ms`)),
          { once: true },
        ),
      ),
    ]);
    done(true, call.what);
    return value;
  } catch (error) {
    done(false, `${call.what}: ${engineMessage(error)}`);
    throw error;
  }
};
