import type { ExitRecord } from '@portreeve/domain';
import type { AttemptRecord } from './record.ts';

export type End = {
  exitCode: number;
  outOfMemory: boolean;
  startedAt: string | undefined;
  endedAt: string;
  signal: string | undefined;
  error: string;
};

export type Circumstances = {
  stopAsked: AttemptRecord['stopAsked'];
  killedOutside: boolean;
  outage: { from: number; to: number } | undefined;
  bootedAt: number;
};

/** The engine says that a container ended a little after it lost sight of it, or when it came back. */
const SLACK_MS = 15_000;

const endedWithEngine = (end: End, around: Circumstances): boolean => {
  if (end.startedAt === undefined) return false;
  if (Date.parse(end.startedAt) < around.bootedAt) return true;
  const at = Date.parse(end.endedAt);
  return around.outage !== undefined && at >= around.outage.from - SLACK_MS && at <= around.outage.to;
};

/** Who ended a container. Ours before others', others' before its own. */
export const whoEnded = (end: End, around: Circumstances): ExitRecord['endedBy'] => {
  if (around.stopAsked) return around.stopAsked;
  if (end.outOfMemory) return 'itself';
  if (endedWithEngine(end, around)) return 'engine';
  return around.killedOutside ? 'outside' : 'itself';
};

const code = (end: End): string => (end.signal ? `signal ${end.signal}` : `exit code ${end.exitCode}`);

/** The end in one sentence without a full stop. */
export const whyEnded = (end: End, endedBy: ExitRecord['endedBy']): string => {
  if (end.startedAt === undefined)
    return end.error ? `the engine could not start it: ${end.error}` : 'it was stopped before it started';
  if (end.outOfMemory) return 'the kernel ended it: it used more memory than its limit';
  if (endedBy === 'portreeve') return `it was stopped as asked (${code(end)})`;
  if (endedBy === 'health-check') return `its health check failed, so it was stopped (${code(end)})`;
  if (endedBy === 'engine') return 'it ended with the engine or the host';
  if (endedBy === 'outside') return `somebody stopped it at the engine (${code(end)})`;
  return `it ended by itself with ${code(end)}`;
};
