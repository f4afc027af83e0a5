import type { AssignedTask } from '@portreeve/agent-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { pinOf, webTask } from './host-agent.ts';
import { openSite, type Site } from './network-site.ts';

let lab: Lab;
let site: Site;
let web: AssignedTask[];
let clients: AssignedTask[];
let vault: AssignedTask;
let keeper: AssignedTask;
let mortal: AssignedTask;

const idle = { stopGraceMs: 0 };

beforeAll(async () => {
  lab = await startLab({ hosts: 3, id: `agentnet${process.pid}` });
  const [good, client] = await Promise.all([pinOf(lab, 'good'), pinOf(lab, 'latest', 'client')]);
  site = await openSite(lab, [{ name: 'front' }, { name: 'back', internal: true }, { name: 'late' }]);
  const spec = webTask(good).spec;
  web = [0, 1, 2].map((at) => site.place(at, 'web', ['front'], { pin: good, spec }));
  clients = [0, 1, 2].map((at) => site.place(at, 'client', ['front', 'back'], { pin: client, spec: idle }));
  vault = site.place(0, 'vault', ['back'], { pin: good, spec });
  keeper = site.place(1, 'keeper', ['back'], { pin: client, spec: idle });
  mortal = site.place(0, 'mortal', ['front'], {
    pin: good,
    spec: { ...spec, restart: { condition: 'none' } },
  });
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

  test('have the addresses and MACs of the plan, in each of their networks', async () => {
    for (const client of clients) {
      const links = JSON.parse((await site.inNetworkOf(client, ['ip', '-j', 'addr'])).stdout) as Link[];
      const seen = links
        .filter((one) => one.ifname !== 'lo')
        .map((one) => [one.address, one.addr_info[0]?.local]);
      expect(seen.sort()).toEqual(client.networks.map((one) => [one.mac, one.address]).sort());
    }
  });

  test('are reached by processes of every host, as a proxy on one would', async () => {
    for (const host of lab.hosts)
      for (const address of addressesOf(web))
        expect(
          (await host.exec(['curl', '-sS', '--max-time', '3', `http://${address}:8080/`])).stdout,
        ).toContain('good');
  });

  test('carry large packets whole', async () => {
    const [first, second] = [clients[0] as AssignedTask, addressesOf(clients)[1] as string];
    const pinged = await site.inNetworkOf(first, [
      'ping',
      '-c',
      '1',
      '-W',
      '2',
      '-M',
      'do',
      '-s',
      '1422',
      second,
    ]);
    expect(pinged.stdout + pinged.stderr).toContain('1 received');
  });
});

describe('names', () => {
  test('of other hosts and of the world are asked of the host, but never from an internal network', async () => {
    await site.untilResolves(clients[0] as AssignedTask, 'node-2.lab', [lab.hosts[1]?.address ?? '']);
    expect(await site.resolve(keeper, 'node-2.lab')).toEqual([]);
    await site.untilResolves(keeper, 'vault', addressesOf([vault]));
  });

  test('are told only to those who share a network', async () => {
    expect(await site.resolve(web[0] as AssignedTask, 'vault')).toEqual([]);
    expect(await site.resolve(clients[0] as AssignedTask, 'vault')).toEqual(addressesOf([vault]));
  });

  test('an address has one too', async () => {
    const [address] = addressesOf([vault]);
    expect(await site.inside(keeper, ['getent', 'hosts', address as string])).toContain('vault.shop');
  });

  test('leave out a task of another host as soon as it is said not to be ready', async () => {
    const { networkId } = site.net('front');
    const ready = [...web.slice(0, 2), ...clients].map(({ taskId }) => taskId);
    site.agents[0]?.peer.emit('readiness', { version: 100, networks: [{ networkId, ready }] });
    await site.untilResolves(clients[0] as AssignedTask, 'web', addressesOf(web.slice(0, 2)));
    site.tellReadiness();
    await site.untilResolves(clients[0] as AssignedTask, 'web', addressesOf(web));
  });
});

describe('an internal network', () => {
  test('reaches across hosts and nowhere else', async () => {
    const address = addressesOf([vault])[0] as string;
    expect(await fetchFrom(keeper, `http://${address}:8080/`)).toContain('good');
    const outside = await site.inNetworkOf(keeper, [
      'curl',
      '-s',
      '--max-time',
      '1',
      `http://${lab.registry?.address}/v2/`,
    ]);
    expect(outside.code).not.toBe(0);
  });
});

describe('a network that the engine refuses', () => {
  test('keeps its own tasks waiting, with the reason, and no others; it is made once it can be', async () => {
    const host = lab.hosts[2] as LabHost;
    await host.exec(['docker', 'network', 'create', '--subnet', '10.200.8.0/24', 'clash']);
    const pin = clients[2]?.pin as AssignedTask['pin'];
    const waiting = site.place(2, 'waiting', ['late'], { pin, spec: idle });
    const going = site.place(2, 'going', ['front'], { pin, spec: idle });
    const alone = site.place(2, 'alone', [], { pin, spec: idle });
    await site.send();
    const agent = site.agents[2] as Site['agents'][number];
    await Promise.all([going, alone].map((one) => agent.ready(one.taskId)));
    await agent.until(
      waiting.taskId,
      ({ reason }) => /"late" could not be made.*overlaps/.test(reason),
      'to say why',
    );
    await host.exec(['docker', 'network', 'rm', 'clash']);
    await agent.ready(waiting.taskId);
    for (const one of [waiting, going, alone]) site.remove(one.taskId);
    await site.send();
    await eventually(async () => !(await host.exec(['ip', 'link', 'show', 'pr4098'])).stdout, {
      what: 'the bridge to be gone with its last task',
    });
  });
});

describe('with nobody in charge', () => {
  const everyoneReachesWeb = async (): Promise<void> => {
    for (const client of clients) {
      await site.untilResolves(client, 'web', addressesOf(web));
      for (const address of addressesOf(web))
        expect(await fetchFrom(client, `http://${address}:8080/`)).toContain('good');
    }
  };
  const firstHost = (): LabHost => lab.hosts[0] as LabHost;

  test('a host that lost its power comes back to its networks', async () => {
    await lab.hosts[1]?.reboot();
    await site.agents[1]?.start();
    const lost = [web[1], clients[1]] as AssignedTask[];
    await Promise.all(
      lost.map((one) =>
        site.agents[1]?.until(one.taskId, (it) => it.ready && it.attempt === 2, 'to run again'),
      ),
    );
    site.tellReadiness();
    await everyoneReachesWeb();
  });

  test('names and traffic go on while agents and servers are away, and local names still change', async () => {
    await Promise.all(site.agents.map((agent) => agent.kill()));
    await everyoneReachesWeb();
    await Promise.all(site.agents.slice(1).map((agent) => agent.start()));
    await everyoneReachesWeb();
    await site.agents[0]?.start();
    await everyoneReachesWeb();
    for (const agent of site.agents) await agent.peer.close();
    await site.untilResolves(clients[0] as AssignedTask, 'mortal', addressesOf([mortal]));
    await firstHost().exec(['docker', 'kill', site.agents[0]?.report(mortal.taskId)?.containerId ?? '']);
    await site.untilResolves(clients[0] as AssignedTask, 'mortal', []);
    await everyoneReachesWeb();
  });

  test('traffic goes on while an engine is killed and after it is back', async () => {
    const pid = async () => (await site.entering(web[0] as AssignedTask))[2];
    const before = await pid();
    const far = clients[1] as AssignedTask;
    const near = addressesOf(web)[0] as string;
    await firstHost().engine.kill();
    expect(await fetchFrom(far, `http://${near}:8080/`)).toContain('good');
    await site.untilResolves(far, 'web', addressesOf(web));
    await firstHost().engine.start();
    expect(await pid()).toBe(before);
    await everyoneReachesWeb();
  });

  test('what somebody took away from the kernel is put back when the engine is next seen anew', async () => {
    await firstHost().exec(['ip', 'link', 'del', 'vx4096']);
    await firstHost().exec(['nft', 'delete', 'table', 'inet', 'portreeve']);
    await firstHost().engine.restart();
    await eventually(
      async () => (await firstHost().exec(['nft', 'list', 'table', 'inet', 'portreeve'])).code === 0,
      {
        timeout: 20_000,
        what: 'the filters to be back',
      },
    );
    await everyoneReachesWeb();
  });
});

type Link = { ifname: string; address: string; addr_info: { local: string }[] };
