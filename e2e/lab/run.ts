import { spawn } from 'node:child_process';
import type { ExecOptions, ExecResult } from './types.ts';

/** What a root login has, and nothing of the test's own environment. */
export const CLEAN_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
};

/** Runs a command to its end. Its process group is killed when the time is up. */
export function run(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const [command, ...args] = argv;
  if (command === undefined) throw new Error('nothing to run');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...CLEAN_ENV, ...options.env }, detached: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command may end without reading all of its input; its exit code says what matters.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
    const timer =
      options.timeoutMs === undefined ? undefined : setTimeout(() => killGroup(child.pid), options.timeoutMs);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Runs a command that has to succeed, and gives back what it wrote. */
export async function must(argv: readonly string[], options: ExecOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.code === 0) return result.stdout;
  throw new Error(
    `${argv.join(' ')} ended with ${result.code}: ${result.stderr.trim() || result.stdout.trim()}`,
  );
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
