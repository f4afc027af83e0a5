import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { type HostAgent, pinOf, startHostAgent, webTask } from './host-agent.ts';

let lab: Lab;
let host: LabHost;
let agent: HostAgent;

beforeAll(async () => {
  lab = await startLab({ hosts: 1, id: `rootless${process.pid}`, engine: 'rootless' });
  host = lab.hosts[0] as LabHost;
  agent = await startHostAgent(lab, host);
});
afterAll(async () => {
  await agent?.end();
  await lab?.stop();
});

test('a host whose engine is rootless says so, and what it cannot do', async () => {
  const facts = agent.peer.hellos.at(-1)?.facts;
  expect(facts).toMatchObject({
    engine: { reachable: true, rootless: true, liveRestore: false },
    crossHostNetworks: { able: false, reason: 'the engine is rootless' },
  });
  const { CgroupDriver } = await agent.docker.info();
  const codes = facts?.findings.map(({ code }) => code);
  expect(codes).toEqual(['live-restore-off', ...(CgroupDriver === 'none' ? ['no-cgroups'] : [])]);
});

test('a task runs there on no network of ours, is reached by its port, and gets ready', async () => {
  const ports = [{ target: 8080, published: 8080, protocol: 'tcp' as const }];
  const one = webTask(await pinOf(lab, 'good'), { ports, spec: { networkMode: 'bridge' } });
  await agent.assign([one]);
  const { containerId = '' } = await agent.ready(one.taskId);
  const answer = await fetch(`http://${host.address}:8080/`);
  expect(await answer.text()).toContain('"version":"good"');
  // What the engine's own cgroup uses is not told as the task's.
  const { value } = (await agent.peer.request({ kind: 'stats' })) as { value?: unknown };
  const { CgroupDriver } = await agent.docker.info();
  expect(value).toHaveLength(CgroupDriver === 'none' ? 0 : 1);
  await agent.docker.getContainer(containerId).kill();
  await agent.until(one.taskId, (report) => report.attempt === 2 && report.ready, 'to be back');
});

test('its tasks come back with their engine, whose containers end with it', async () => {
  await host.engine.restart();
  const [task] = agent.peer.tasks.values();
  await eventually(() => (agent.report(task?.taskId ?? '')?.attempt ?? 0) > 2, { timeout: 60_000 });
  await agent.ready(task?.taskId ?? '');
});
