import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build } from './builds.ts';

const OUTPUT = 'apps/server/src/platform/db/generated';
let root: string;

/** A checkout in which the database client is made by this script. */
const checkout = (script: string): void => {
  for (const folder of ['scripts', 'prisma', OUTPUT]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'prisma/schema.prisma'), 'one');
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'scripts/prisma-generate.mjs'), script);
};
const lives = (pid: number): boolean => {
  try {
    // One that has ended and was not waited for by its parent yet is a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'portreeve-builds-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a build', () => {
  it('is made once for the same sources, and again when they changed', async () => {
    checkout(`import { appendFileSync } from 'node:fs'; appendFileSync('${OUTPUT}/client.ts', 'x');`);
    const made = () => readFileSync(join(root, OUTPUT, 'client.ts'), 'utf8');
    await build(root, 'client').done;
    await build(root, 'client').done;
    expect(made()).toBe('x');
    writeFileSync(join(root, 'prisma/schema.prisma'), 'two');
    await build(root, 'client').done;
    expect(made()).toBe('xx');
  });

  it('of the console is not made again for what it wrote beside the sources itself', async () => {
    for (const folder of ['apps/web', 'node_modules/.bin'])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'package-lock.json'), '{}');
    const next =
      '#!/bin/sh\necho made >> ../../made; echo types > next-env.d.ts; mkdir -p .next; echo 1 > .next/BUILD_ID\n';
    writeFileSync(join(root, 'node_modules/.bin/next'), next, { mode: 0o755 });
    await build(root, 'web').done;
    await build(root, 'web').done;
    expect(readFileSync(join(root, 'made'), 'utf8')).toBe('made\n');
  });

  it('says what its program said when it fails, and is not taken for done', async () => {
    checkout(`process.stderr.write('no such thing'); process.exit(3);`);
    await expect(build(root, 'client').done).rejects.toThrow(
      'the database client could not be built:\nno such thing',
    );
    expect(existsSync(join(root, OUTPUT, '.built-from'))).toBe(false);
  });

  it('ends with all its workers when it is stopped', async () => {
    checkout(`
      import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      const worker = spawn('sleep', ['300']);
      writeFileSync('pids', process.pid + ' ' + worker.pid);`);
    const building = build(root, 'client');
    const failed = expect(building.done).rejects.toThrow();
    const pids = () => (existsSync(join(root, 'pids')) ? readFileSync(join(root, 'pids'), 'utf8') : '');
    await expect.poll(pids).toMatch(/^\d+ \d+$/);
    const [program = 0, worker = 0] = pids().split(' ').map(Number);
    await building.stop();
    await failed;
    expect([lives(program), lives(worker)]).toEqual([false, false]);
    expect(existsSync(join(root, OUTPUT, '.built-from'))).toBe(false);
  });
});
