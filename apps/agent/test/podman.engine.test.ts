import { randomUUID } from 'node:crypto';
import type { ImagePin } from '@portreeve/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { type HostAgent, pinOf, startHostAgent, webTask } from './host-agent.ts';

let lab: Lab;
let host: LabHost;
let good: ImagePin;
let agent: HostAgent;

beforeAll(async () => {
  lab = await startLab({ hosts: 1, id: `agentpod${process.pid}`, engine: 'podman' });
  host = lab.hosts[0] as LabHost;
  good = await pinOf(lab, 'good');
  agent = await startHostAgent(lab, host);
});
afterAll(async () => {
  await agent?.end();
  await lab?.stop();
});

const failed = () => agent.peer.reports.flatMap(({ events }) => events.filter(({ ok }) => !ok));
const exits = (taskId: string) =>
  agent.peer.reports.flatMap((report) => report.exits.filter((one) => one.taskId === taskId));

test('a host with Podman says what it has and what it cannot do', () => {
  const facts = agent.peer.hellos.at(-1)?.facts;
  expect(facts).toMatchObject({
    engine: { reachable: true, name: 'Podman', apiVersion: '1.41' },
    crossHostNetworks: { able: false, reason: expect.stringContaining('Podman') },
    findings: [{ code: 'podman-checks', message: expect.stringContaining('systemd') }],
  });
});

test('a task is ready when its health check says so, on a network of its host, and stops with its end on record', async () => {
  const networkId = randomUUID();
  const network = {
    ...{ networkId, name: 'default', stack: 'shop', vni: 4244, subnet: '10.202.0.0/24', mtu: 1450 },
    ...{ gateway: '10.202.0.1', gatewayMac: '02:50:0a:ca:00:01', internal: false, crossHost: false },
    ...{ peers: [], members: [] },
  };
  const on = { networkId, address: '10.202.0.9', mac: '02:50:0a:ca:00:09', aliases: ['shop'] };
  const one = webTask(good, { networks: [on] });
  await agent.assign([one], { networks: [network] });
  const { containerId = '' } = await agent.ready(one.taskId);
  const inside = await agent.docker.getContainer(containerId).inspect();
  expect(inside.NetworkSettings.Networks[`pr-${networkId}`]).toMatchObject({ IPAddress: on.address });
  expect(failed()).toEqual([]);
  await agent.assign([{ ...one, desired: 'stopped' }], { networks: [network] });
  await agent.until(one.taskId, (report) => report.state === 'stopped', 'to be stopped');
  await eventually(() => exits(one.taskId).length === 1);
  expect(exits(one.taskId)[0]?.record).toMatchObject({ attempt: 1, endedBy: 'portreeve' });
});

test('it stays ready over a restart of the agent, and an end or a check that fails is followed by a new attempt', async () => {
  const one = webTask(good);
  await agent.assign([one]);
  const { containerId = '' } = await agent.ready(one.taskId);
  await agent.kill();
  const before = agent.peer.reports.length;
  await agent.start();
  await agent.ready(one.taskId);
  const since = agent.peer.reports.slice(before).flatMap(({ tasks }) => tasks);
  expect(since.filter(({ taskId }) => taskId === one.taskId).every(({ ready }) => ready)).toBe(true);
  const lines = agent.peer.reports.slice(before).flatMap(({ events }) => events.map(({ text }) => text));
  expect(lines.filter((text) => text.includes('health check'))).toEqual([]);
  await agent.docker.getContainer(containerId).kill();
  await agent.until(one.taskId, (report) => report.attempt === 2 && report.ready, 'to be back');
  const check = { test: ['CMD', 'false'], intervalMs: 500, timeoutMs: 5_000, retries: 1 };
  const never = webTask(good, { spec: { healthcheck: check } });
  await agent.assign([one, never]);
  await agent.until(never.taskId, (report) => report.attempt === 2, 'to be tried again');
  expect(exits(never.taskId)[0]?.record.endedBy).toBe('health-check');
});
