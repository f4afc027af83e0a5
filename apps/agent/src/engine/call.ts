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
  /transport is closing|shutting down|code = Unavailable|containerd\.sock|failed to update store for object/i;

/** True when the engine refuses not what it was asked but everything: the same will work when it is back. */
export const isLeaving = (error: unknown): boolean => LEAVING.test(messageOf(error));

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
