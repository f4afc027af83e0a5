import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEnv } from '../env.ts';
import { type Flags, readFlags } from './flags.ts';
import { joinLocalAgent } from './local-agent.ts';
import type { ReadyServer } from './server-process.ts';

const NODE = '0199a1f0-0000-7000-8000-000000000001';
/** Stands for the agent's program: writes down how it was called, and joins. */
const AGENT = `#!/bin/sh
echo "$1 $(cat)" >>"$(dirname "$0")/calls"
[ "$1" = join ] || exit 1
touch "$7/host.key" "$7/identity"
echo "joined home as h1 (${NODE})"
`;

let root: string;
let flags: Flags;
let asked: { path: string; body: unknown }[];
let answers: { me: { status: number; body: unknown }; node: number };

const server = {
  call: async (_: string, path: string, body?: unknown) => {
    asked.push({ path, body });
    if (path === '/me') return answers.me;
    if (path.startsWith('/nodes/')) return { status: answers.node, body: null };
    return { status: 200, body: { token: 'the-token', caSha256: 'ab' } };
  },
} as ReadyServer;
const joinHost = () => joinLocalAgent(root, flags, server, '/run/engine.sock');
const calls = () => {
  const path = join(root, 'apps/agent/dist/calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'portreeve-local-'));
  mkdirSync(join(root, 'apps/agent/dist'), { recursive: true });
  writeFileSync(join(root, `apps/agent/dist/portreeve-agent-linux-${process.arch}`), AGENT, { mode: 0o755 });
  flags = readFlags(['--data', join(root, 'data')], readEnv({}));
  asked = [];
  answers = { me: { status: 200, body: { cluster: { id: 'c1' } } }, node: 200 };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the host of the console joins once, by a token that no argument shows', async () => {
  expect((await joinHost())?.state).toBe(join(root, 'data/agent'));
  await joinHost();
  expect(calls()).toEqual(['join the-token']);
});

test('one whose agent lost its state comes back as the node it was', async () => {
  await joinHost();
  rmSync(join(root, 'data/agent'), { recursive: true });
  await joinHost();
  expect(calls()).toHaveLength(2);
  expect(asked.filter(({ path }) => path === '/join-tokens').map(({ body }) => body)).toMatchObject([
    { nodeId: undefined },
    { nodeId: NODE },
  ]);
});

test('one that somebody removed stays away until a person lets it join again', async () => {
  await joinHost();
  answers.node = 404;
  expect(await joinHost()).toBeUndefined();
  expect(calls()).toHaveLength(1);
  rmSync(join(root, 'data/agent-cluster'));
  expect(await joinHost()).toBeDefined();
  expect(calls()).toHaveLength(2);
});

test('a server that does not say which cluster it is makes no new node of this host', async () => {
  await joinHost();
  answers.me = { status: 500, body: null };
  await expect(joinHost()).rejects.toThrow('The server does not say which cluster it is (500).');
  expect(calls()).toHaveLength(1);
});
