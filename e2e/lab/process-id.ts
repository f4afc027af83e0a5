import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  readonly pid: number;
  /** When it started, in ticks since boot (field 22 of `stat`). */
  readonly start: string;
}

/** Reads a line of `/proc/<pid>/stat`. */
export function parseStat(
  line: string,
): ProcessId & { readonly state: string; readonly comm: string; readonly parent: number } {
  // The command's name is in parentheses and may contain anything, parentheses too.
  const end = line.lastIndexOf(')');
  const comm = line.slice(line.indexOf('(') + 1, end);
  const rest = line.slice(end + 2).split(' ');
  return {
    pid: Number.parseInt(line, 10),
    comm,
    state: rest[0] ?? '',
    parent: Number(rest[1]),
    start: rest[19] ?? '',
  };
}

/** The process with this number now, if any. */
export function processNow(pid: number): ProcessId | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return stat.state === 'Z' || stat.state === 'X' ? undefined : { pid, start: stat.start };
  } catch {
    return undefined;
  }
}

/** Whether that very process still runs. */
export function isAlive(id: ProcessId): boolean {
  return processNow(id.pid)?.start === id.start;
}

/** Kills that very process, and never a later one with its number. */
export function killProcess(id: ProcessId): void {
  if (!isAlive(id)) return;
  try {
    process.kill(id.pid, 'SIGKILL');
  } catch {
    // It ended in between.
  }
}
