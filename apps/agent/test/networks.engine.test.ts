import type { AssignedTask } from '@portreeve/agent-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Lab, startLab } from '../../../e2e/lab/lab.ts';
import { pinOf, webTask } from './host-agent.ts';
import { openSite, type Site } from './network-site.ts';

let lab: Lab;
let site: Site;
let web: AssignedTask[];
let clients: AssignedTask[];
let vault: AssignedTask;
let keeper: AssignedTask;

const idle = { stopGraceMs: 0 };

beforeAll(async () => {
  lab = await startLab({ hosts: 3, id: `agentnet${process.pid}` });
  const [good, client] = await Promise.all([pinOf(lab, 'good'), pinOf(lab, 'latest', 'client')]);
  site = await openSite(lab, [{ name: 'front' }, { name: 'back', internal: true }]);
  const spec = webTask(good).spec;
  web = [0, 1, 2].map((at) => site.place(at, 'web', ['front'], { pin: good, spec }));
  clients = [0, 1, 2].map((at) => site.place(at, 'client', ['front', 'back'], { pin: client, spec: idle }));
  vault = site.place(0, 'vault', ['back'], { pin: good, spec });
  keeper = site.place(1, 'keeper', ['back'], { pin: client, spec: idle });
  await site.send();
  await site.allReady();
});
afterAll(async () => {
  await site?.end();
  await lab?.stop();
});

const addressesOf = (tasks: AssignedTask[], at = 0): string[] =>
  tasks.map((one) => one.networks[at]?.address ?? '');
const fetchFrom = (from: AssignedTask, url: string): Promise<string> =>
  site.inside(from, ['curl', '-sS', '--max-time', '3', url]);

describe('containers of one network on three hosts', () => {
  test('reach each other by address, whichever host they are on', async () => {
    for (const client of clients)
      for (const address of addressesOf(web))
        expect(await fetchFrom(client, `http://${address}:8080/`)).toContain('good');
  });

  test('find each other by service, by service and stack, and by alias', async () => {
    for (const client of clients)
      for (const name of ['web', 'web.shop', 'web-of-front', 'WEB.Shop'])
        await site.untilResolves(client, name, addressesOf(web));
    expect(await fetchFrom(clients[2] as AssignedTask, 'http://web:8080/')).toContain('good');
  });
});
