import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DesiredDocument } from '@portreeve/agent-protocol';
import type { ImagePin } from '@portreeve/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { makeAuthority } from './authority.ts';
import { document } from './documents.ts';
import { type HostAgent, pinOf, startHostAgent, webTask } from './host-agent.ts';

let lab: Lab;
let host: LabHost;
let good: ImagePin;
let agent: HostAgent;

beforeAll(async () => {
  lab = await startLab({ hosts: 1, id: `agentimp${process.pid}` });
  host = lab.hosts[0] as LabHost;
  good = await pinOf(lab, 'good');
  agent = await startHostAgent(lab, host);
});
afterAll(async () => {
  await agent?.end();
  await lab?.stop();
});

/** What the engine did in the meantime, but for health checks. */
const engineEvents = async (since: number): Promise<string[]> => {
  const now = Math.ceil(Date.now() / 1_000) + 1;
  const { stdout } = await host.exec([
    ...['docker', 'events', '--since', String(since), '--until', String(now)],
    ...['--format', '{{.Type}} {{.Action}} {{.Actor.ID}}'],
  ]);
  return stdout.split('\n').filter((line) => line !== '' && !/ (exec_|health_status)/.test(line));
};

test('S-32 orders that are old, replayed, another’s or signed by another key change nothing at the engine', async () => {
  const { peer } = agent;
  const one = webTask(good);
  await agent.assign([one]);
  await agent.ready(one.taskId);
  const since = Math.ceil(Date.now() / 1_000) + 1;
  await expect.poll(() => Date.now() / 1_000, { interval: 100 }).toBeGreaterThan(since);

  const evil = webTask(good);
  const foreign = await (await makeAuthority()).assignment(peer.clusterId);
  const other = await peer.authority.assignment(randomUUID());
  const orders: DesiredDocument[] = [
    document(peer, 0, [evil]),
    document(peer, 99, [evil], { epoch: 0 }),
    document({ ...peer, nodeId: randomUUID() }, 99, [evil]),
    document({ ...peer, clusterId: randomUUID() }, 99, [evil]),
  ];
  for (const order of orders) expect(await peer.send(order)).toMatchObject({ accepted: false });
  for (const key of [foreign, other]) {
    const bytes = Buffer.from(JSON.stringify(document(peer, 99, [evil])));
    expect(await peer.sendBytes(bytes, { epoch: 1, generation: 99 }, key)).toMatchObject({ accepted: false });
  }
  // What it has already: answered, and nothing is done, whatever it says this time.
  expect(await peer.send(document(peer, 1, [evil]))).toEqual({ accepted: true });

  // By the time this one is in place any of the others would have been.
  const two = webTask(good);
  await agent.assign([one, two]);
  await agent.ready(two.taskId);
  const [, ...containers] = (await agent.docker.listContainers({ all: true })).map(({ Labels }) => Labels);
  expect(containers).toHaveLength(1);
  const events = await engineEvents(since);
  const id = agent.report(two.taskId)?.containerId ?? '';
  const mine = events.filter((line) => line.startsWith('container '));
  expect(mine.length).toBeGreaterThan(0);
  expect(mine.every((line) => line.endsWith(id))).toBe(true);
  expect(events.filter((line) => /^(volume|network) create/.test(line))).toEqual([]);
  expect(agent.peer.tasks.get(evil.taskId)).toBeUndefined();
});

test('S-46 the token of joining is in no process, no environment, no file and no log of the host', async () => {
  const { token } = agent.peer;
  const processes = await host.exec([
    'sh',
    '-c',
    'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null',
  ]);
  expect(processes.stdout).toContain('agent');
  expect(processes.stdout).not.toContain(token);
  const files = await host.exec(['grep', '-rl', token, agent.stateDir, '/var/log', '/run', '/etc', '/tmp']);
  expect(files.stdout).toBe('');
  expect(readFileSync(agent.process().logFile, 'utf8')).not.toContain(token);
});
