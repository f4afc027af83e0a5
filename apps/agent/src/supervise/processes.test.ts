import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { processesOf } from './processes.ts';

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

test('a process is known by its file, its mode and what it works on', async () => {
  const file = '/usr/local/lib/portreeve/none';
  child = spawn('tail', ['agent', '-f', '/dev/null', '--pid', String(process.pid)], {
    argv0: file,
    stdio: 'ignore',
  });
  await expect.poll(() => processesOf(file, 'agent')).toEqual([child.pid]);
  expect(await processesOf(file, 'agent', '/dev/null')).toEqual([child.pid]);
  expect(await processesOf(file, 'agent', '/elsewhere')).toEqual([]);
  expect(await processesOf(file, 'names')).toEqual([]);
});
