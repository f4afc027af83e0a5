import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, keepRunning, logFile } from './child.ts';

let folder: string;
let path: string;
let child: Child | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portreeve-child-'));
  path = join(folder, 'server.log');
});
afterEach(async () => {
  await child?.stop();
  child = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe('a log', () => {
  it('F-16 on a full disk ends nobody, and goes on when there is room again', async () => {
    symlinkSync('/dev/full', path);
    const log = logFile(path);
    let rounds = 0;
    // The failure is heard a moment later; unheard, it would end this very process.
    await expect
      .poll(() => {
        rounds += 1;
        if (rounds === 3) rmSync(path);
        log.write('kept\n');
        if (rounds < 3) return '';
        return readFileSync(path, { encoding: 'utf8', flag: 'a+' });
      })
      .toContain('kept');
  });

  it('that was taken away is made anew when it is full', async () => {
    const log = logFile(path);
    log.write('first\n');
    await expect.poll(() => readFileSync(path, { encoding: 'utf8', flag: 'a+' })).toContain('first');
    rmSync(path);
    log.write(Buffer.alloc(21 * 1024 * 1024));
    log.write('second\n');
    await expect.poll(() => readFileSync(path, { encoding: 'utf8', flag: 'a+' })).toContain('second');
  });
});

describe('a child', () => {
  it('that a message or a signal does not reach has not ended by that, however often', async () => {
    let starts = 0;
    child = keepRunning({
      name: 'It',
      start: () => {
        starts += 1;
        return spawn('sleep', ['300']);
      },
      stopSignal: 'SIGTERM',
      graceMs: 5_000,
    });
    await child.started;
    const first = child.current();
    await new Promise(setImmediate);
    for (const text of ['closed', 'closed']) first?.emit('error', new Error(text));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect({ starts, same: child.current() === first }).toEqual({ starts: 1, same: true });
  });

  it('that could not be started is tried again', async () => {
    let starts = 0;
    child = keepRunning({
      name: 'It',
      start: () => {
        starts += 1;
        return starts === 1 ? spawn(join(folder, 'nothing')) : spawn('sleep', ['300']);
      },
      stopSignal: 'SIGTERM',
      graceMs: 5_000,
    });
    await expect.poll(() => starts, { timeout: 5_000 }).toBe(2);
  });
});
