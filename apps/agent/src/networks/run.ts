import { spawn } from 'node:child_process';
import { env } from '../env.ts';

const LIMIT_MS = 20_000;
const MOST_OUTPUT = 64 * 1024 * 1024;

/** Runs one program of the host with `input` on its standard input; throws with what it said when it fails or takes 20 s. */
export const run = (command: string, args: readonly string[], input = ''): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { PATH: `${env.path}:/usr/sbin:/sbin`, LC_ALL: 'C' },
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > MOST_OUTPUT) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, 2_000);
    });
    child.on('error', (error) => reject(new Error(`"${command}" could not be run: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output);
      reject(new Error(`"${[command, ...args].join(' ')}" failed (${signal ?? code}): ${complaint.trim()}`));
    });
    // It may end before it has read everything; what it says then is the better error.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
