import type { Engine } from '../engine/engine.ts';
import { lineReader, type RawLine } from './log-lines.ts';

export type Read = {
  follow: boolean;
  tail?: number | undefined;
  since?: string | undefined;
  until?: string | undefined;
};

type LogStream = NodeJS.ReadableStream & { destroy(): void };

/** As a stream also where nothing is followed, which dockerode's own `logs` would gather in memory. */
const openLog = (
  engine: Engine,
  containerId: string,
  read: Read,
  abortSignal: AbortSignal,
): Promise<LogStream> =>
  new Promise((resolve, reject) => {
    const options = { ...read, tail: read.tail ?? 'all', stdout: true, stderr: true, timestamps: true };
    const call = {
      path: `/containers/${containerId}/logs?`,
      method: 'GET',
      isStream: true,
      abortSignal,
      options: JSON.parse(JSON.stringify(options)),
      statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    };
    engine.docker.modem.dial(call, (error: unknown, stream: unknown) =>
      error ? reject(error) : resolve(stream as LogStream),
    );
  });

/** Lines of a container as the engine has them, as they come; ends with the container, or when the reader leaves. */
export async function* engineLines(
  engine: Engine,
  containerId: string,
  read: Read,
  signal: AbortSignal,
): AsyncGenerator<RawLine[]> {
  const container = engine.docker.getContainer(containerId);
  const tty = (await container.inspect()).Config.Tty;
  const stream = await openLog(engine, containerId, read, signal);
  const leave = (): void => stream.destroy();
  signal.addEventListener('abort', leave, { once: true });
  let lines: RawLine[] = [];
  const reader = lineReader(tty, (line) => lines.push(line));
  const take = (): RawLine[] => {
    const taken = lines;
    lines = [];
    return taken;
  };
  try {
    for await (const chunk of stream) {
      reader.push(chunk as Buffer);
      if (lines.length > 0) yield take();
    }
    reader.end();
    if (lines.length > 0) yield take();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', leave);
    stream.destroy();
  }
}

/** Seconds with nanoseconds, just after a time of the engine's. */
export const after = (engineTime: string): string => {
  const [, fraction = ''] = /\.(\d+)/.exec(engineTime) ?? [];
  const seconds = Math.floor(Date.parse(engineTime) / 1000);
  const nanos = BigInt(fraction.padEnd(9, '0').slice(0, 9)) + 1n;
  return nanos >= 1_000_000_000n
    ? `${seconds + 1}.000000000`
    : `${seconds}.${String(nanos).padStart(9, '0')}`;
};

/** As the engine's API wants a time. */
export const seconds = (iso: string | undefined): string | undefined =>
  iso === undefined ? undefined : (Date.parse(iso) / 1000).toFixed(3);
