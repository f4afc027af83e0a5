import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { allowedSource, whereItLeads, whyForbidden } from './mounts-source.ts';

let dir: string;
let state: string;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'mounts-')));
  state = join(dir, 'lib', 'agent');
  await mkdir(state, { recursive: true });
  await mkdir(join(dir, 'data'));
});
afterEach(() => rm(dir, { recursive: true }));

const refusal = (source: string): Promise<unknown> => allowedSource(source, [state]);

test('a folder that is what it says is mounted by that name', async () => {
  expect(await allowedSource(join(dir, 'data'), [state])).toBe(join(dir, 'data'));
  expect(await allowedSource(join(dir, 'data/not/yet'), [state])).toBe(join(dir, 'data/not/yet'));
});

test('a link is followed, and the engine is told where it leads', async () => {
  await symlink(join(dir, 'data'), join(dir, 'link'));
  expect(await allowedSource(join(dir, 'link'), [state])).toBe(join(dir, 'data'));
  expect(await allowedSource(join(dir, 'link', 'new'), [state])).toBe(join(dir, 'data/new'));
});

test.each(['/run', '/proc', '/', '/proc/self/root', '/var/run'])(
  'S-1 a link to %s is refused with the right that was not asked for',
  async (target) => {
    await symlink(target, join(dir, 'link'));
    await expect(refusal(join(dir, 'link'))).rejects.toThrow(
      /does not mount .*link: .*host\.engine-socket was not asked/,
    );
  },
);

test('S-1 a chain of links and steps upwards end where they end', async () => {
  await symlink('/', join(dir, 'a'));
  await symlink(join(dir, 'a', 'run'), join(dir, 'b'));
  await expect(refusal(join(dir, 'data', '..', 'b'))).rejects.toThrow('leads to /run');
});

test("S-1 the agent's own folder is no one's to mount: not itself, not below, not above, not by a link", async () => {
  await symlink(state, join(dir, 'link'));
  for (const source of [state, join(state, 'names'), join(dir, 'lib'), dir, join(dir, 'link', 'host.key')])
    await expect(refusal(source)).rejects.toThrow(`and ${state} with the agent's keys`);
});

test('S-1 a link that leads nowhere yet, or in a circle, is refused', async () => {
  await symlink(join(dir, 'later'), join(dir, 'link'));
  await symlink(join(dir, 'circle'), join(dir, 'circle'));
  await writeFile(join(dir, 'file'), '');
  for (const source of ['link', 'link/below', 'circle'])
    await expect(refusal(join(dir, source))).rejects.toThrow('a link that leads nowhere');
});

test('who may have the socket may mount what leads to it', async () => {
  expect(await allowedSource('/proc', [state])).toBe('/proc');
  expect(await allowedSource('/', [state])).toBe('/');
});

test('a resolved path is judged the same however often it is resolved', async () => {
  await symlink('/', join(dir, 'link'));
  const once = await whereItLeads(join(dir, 'link', 'usr'));
  expect(await whereItLeads(once)).toBe(once);
});

test('S-1 nothing at, above or below a guarded place is ever allowed by a text that asks for less', () => {
  const part = fc.constantFrom('srv', 'a', 'agent', 'x');
  const path = fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(path, path, (real, guarded) => {
      const touches =
        real === '/' || `${real}/`.startsWith(`${guarded}/`) || `${guarded}/`.startsWith(`${real}/`);
      fc.pre(guarded !== '/');
      expect(whyForbidden('/srv/text', real, [guarded]) !== undefined).toBe(touches);
    }),
  );
});
