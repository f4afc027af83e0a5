import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesBelow } from '../../../e2e/console/process-tree.ts';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { type HostAgent, pinOf, startHostAgent, webTask } from './host-agent.ts';

const BUILD = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
const FILE = fileURLToPath(new URL('../dist/portreeve-agent-linux-x64', import.meta.url));
const CONTAINERS = 50;
const MOST = { residentMiB: 90, ownMiB: 40, cpuPercent: 1 };
const WATCHED_MS = 12_000;
const WINDOWS = 3;
const TICK_MS = 10;

let lab: Lab;
let host: LabHost;
let agent: HostAgent;

beforeAll(async () => {
  execFileSync(process.execPath, [BUILD], { stdio: 'ignore' });
  lab = await startLab({ hosts: 1, id: `agentsmall${process.pid}` });
  host = lab.hosts[0] as LabHost;
  agent = await startHostAgent(lab, host, [FILE]);
});
afterAll(async () => {
  await agent?.end();
  await lab?.stop();
});

const agentPid = (): number => {
  const found = processesBelow(agent.process().child.pid ?? 0).find(({ command }) =>
    command.startsWith(`${FILE} agent `),
  );
  if (!found) throw new Error('the agent does not run');
  return found.pid;
};
const memory = (pid: number) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { residentMiB: mebibytes('VmRSS'), ownMiB: mebibytes('RssAnon') };
};
const cpuMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

test('with fifty containers the agent is below 90 MB, 40 of them its own, and idles below a percent of a core', {
  timeout: 420_000,
}, async () => {
  const good = await pinOf(lab, 'good');
  const tasks = Array.from({ length: CONTAINERS }, () =>
    webTask(good, { spec: { healthcheck: { test: ['NONE'] } } }),
  );
  await agent.assign(tasks);
  for (const { taskId } of tasks) await agent.ready(taskId);
  const pid = agentPid();
  // What starting them took is given back within a minute or two.
  const isSmall = () => {
    const { residentMiB, ownMiB } = memory(pid);
    return residentMiB < MOST.residentMiB && ownMiB < MOST.ownMiB;
  };
  await eventually(isSmall, { timeout: 120_000, interval: 1_000, what: 'a small agent' }).catch(
    () => undefined,
  );
  const windows: number[] = [];
  for (let window = 0; window < WINDOWS; window += 1) {
    const before = cpuMs(pid);
    await pause(WATCHED_MS);
    windows.push(((cpuMs(pid) - before) / WATCHED_MS) * 100);
  }
  // The calmest of them: what others do on the machine only adds to it.
  const measured = { ...memory(pid), cpuPercent: Math.min(...windows) };
  for (const [name, most] of Object.entries(MOST))
    expect(measured[name as keyof typeof MOST], JSON.stringify(measured)).toBeLessThan(most);
});
