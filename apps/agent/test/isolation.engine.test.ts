import { createSocket } from 'node:dgram';
import type { AssignedTask } from '@portreeve/agent-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Lab, startLab } from '../../../e2e/lab/lab.ts';
import { arpReply, type End, SEND_FRAME, SEND_UDP, udpFrame, vxlanPayload } from './frames.ts';
import { pinOf, webTask } from './host-agent.ts';
import { openSite, type Site } from './network-site.ts';

const VXLAN_PORT = 4790;
const FRONT = 4096;
const SIDE = 4097;
const CAP_NET_RAW = 13n;

let lab: Lab;
let site: Site;
/** On host 1, in `front` alone. */
let forger: AssignedTask;
/** On the same host and on another, in `front`; what is forged is meant for them. */
let near: AssignedTask;
let far: AssignedTask;
/** On hosts 1 and 2 in `side`, of which host 3 has nothing. */
let side: AssignedTask;
let otherSide: AssignedTask;

beforeAll(async () => {
  lab = await startLab({ hosts: 3, id: `agentiso${process.pid}` });
  const [good, client] = await Promise.all([pinOf(lab, 'good'), pinOf(lab, 'latest', 'client')]);
  site = await openSite(lab, [{ name: 'front' }, { name: 'side' }]);
  const { spec } = webTask(good);
  forger = site.place(0, 'forger', ['front'], { pin: client, spec: { stopGraceMs: 0 } });
  near = site.place(0, 'near', ['front'], { pin: good, spec });
  far = site.place(1, 'far', ['front'], { pin: good, spec });
  side = site.place(0, 'side', ['side'], { pin: good, spec });
  otherSide = site.place(1, 'other', ['side'], { pin: good, spec });
  site.place(2, 'third', ['front'], { pin: good, spec });
  await site.send();
  await site.allReady();
});
afterAll(async () => {
  await site?.end();
  await lab?.stop();
});

const front = (it: AssignedTask): End => site.endOf(it, 'front');
let sent = 0;
const marker = (what: string): string => {
  sent += 1;
  return `${what} ${sent}`;
};
const address = (at: number): string => lab.hosts[at]?.address ?? '';

/** The forger's container sends a frame of its own making. */
const forge = async (frame: Buffer): Promise<void> => {
  const done = await site.inNetworkOf(forger, ['perl', '-e', SEND_FRAME, frame.toString('hex'), 'eth0']);
  if (done.code !== 0) throw new Error(done.stderr);
};
const honest = (to: AssignedTask): { text: string; go: Promise<void> } => {
  const text = marker('honest');
  return { text, go: forge(udpFrame(front(forger), front(to), `<${text}>`)) };
};

/** Sends what must not arrive, then what must; by the time the second is seen the first would have been. */
const expectOnlyHonest = async (
  target: AssignedTask,
  forgeries: (() => Promise<unknown>)[],
): Promise<void> => {
  const watch = await site.watch(target);
  try {
    for (const one of forgeries) await one();
    const { text, go } = honest(target);
    await go;
    await eventually(() => watch.seen().includes(text), { what: 'the honest frame' });
    expect(watch.seen().filter((line) => line.startsWith('forged'))).toEqual([]);
  } finally {
    await watch.stop();
  }
};

const udpFrom = (at: number, to: string, payload: Buffer, as: string[] = []) =>
  lab.hosts[at]?.exec([...as, 'perl', '-e', SEND_UDP, to, String(VXLAN_PORT), payload.toString('hex')]);

/** A packet for `target` as a tunnel would carry it, in the name of another member. */
const tunnelled = (vni: number, from: End, to: End): Buffer =>
  vxlanPayload(vni, udpFrame(from, to, `<${marker('forged')}>`));

describe('inside a bridge', () => {
  const outsider = { mac: '02:42:01:02:03:04', address: '8.8.8.8' };

  test.each([
    ['this host', () => near],
    ['another host', () => far],
  ])('a container is only itself to a container of %s', async (_where, target) => {
    const to = front(target());
    const own = front(forger);
    const third = { mac: '02:42:0a:c8:00:63', address: '10.200.0.99' };
    const pairs: End[] = [
      { mac: own.mac, address: third.address },
      { mac: own.mac, address: '8.8.8.8' },
      { mac: third.mac, address: own.address },
      third,
      front(target() === near ? far : near).address === to.address ? third : { ...front(far), mac: own.mac },
      { mac: own.mac, address: site.gateway('front', 0) },
      outsider,
      site.endOf(side, 'side'),
    ];
    await expectOnlyHonest(
      target(),
      pairs.map((from) => () => forge(udpFrame(from, to, `<${marker('forged')}>`))),
    );
  });

  test('nobody takes a gateway or another member by ARP', async () => {
    const own = front(forger);
    const claims: End[] = [
      { mac: own.mac, address: site.gateway('front', 0) },
      { mac: own.mac, address: front(far).address },
      { mac: outsider.mac, address: own.address },
    ];
    for (const target of [near, far])
      await expectOnlyHonest(
        target,
        claims.map((claim) => () => forge(arpReply(claim, front(target), `<${marker('forged')}>`))),
      );
  });
});

describe('the tunnels', () => {
  test('S-44 are closed to containers: the forged packet of one leaves no host', async () => {
    const forgeries = [
      tunnelled(FRONT, front(near), front(far)),
      tunnelled(SIDE, site.endOf(side, 'side'), front(far)),
    ];
    await expectOnlyHonest(
      far,
      [0, 1].flatMap((at) =>
        forgeries.map(
          (payload) => () =>
            site.inNetworkOf(forger, [
              'perl',
              '-e',
              SEND_UDP,
              address(at),
              String(VXLAN_PORT),
              payload.toString('hex'),
            ]),
        ),
      ),
    );
  });

  test('S-44 are closed to containers that are not ours, whose packets leave under the address of their host', async () => {
    const host = lab.hosts[0];
    const image = forger.pin.kind === 'digest' ? forger.pin.reference : '';
    await host?.exec(['docker', 'pull', image]);
    const started = await host?.exec(['docker', 'run', '--detach', image]);
    const id = started?.stdout.trim() ?? '';
    const pid = await host?.exec(['docker', 'inspect', '--format', '{{.State.Pid}}', id]);
    const within = ['nsenter', '-t', pid?.stdout.trim() ?? '', '-n'];
    await expectOnlyHonest(far, [
      async () =>
        expect((await udpFrom(0, address(1), tunnelled(FRONT, front(near), front(far)), within))?.code).toBe(
          0,
        ),
    ]);
    await host?.exec(['docker', 'rm', '--force', id]);
  });

  test('S-44 are closed to processes of a member host, root or not', async () => {
    const payload = tunnelled(FRONT, front(near), front(far));
    await expectOnlyHonest(far, [
      async () => expect((await udpFrom(0, address(1), payload))?.stderr).toMatch(/not permitted/),
      async () =>
        expect(
          (await udpFrom(0, address(1), payload, ['setpriv', '--reuid', '65534', '--clear-groups']))?.stderr,
        ).toMatch(/not permitted/),
    ]);
  });

  test('S-44 cannot be forged by a task on the host’s own network, which has no right to raw packets', async () => {
    const { pin } = forger;
    const open = site.place(0, 'open', [], { pin, spec: { networkMode: 'host', stopGraceMs: 0 } });
    await site.send();
    await site.agents[0]?.ready(open.taskId);
    const status = await site.inside(open, ['cat', '/proc/1/status']);
    const bounds = BigInt(`0x${/CapBnd:\s*(\w+)/.exec(status)?.[1]}`);
    expect(bounds & (1n << CAP_NET_RAW)).toBe(0n);
  });

  test('S-44 take nothing from a machine that is no host of the network', async () => {
    const socket = createSocket('udp4');
    const payload = tunnelled(FRONT, front(near), front(far));
    await expectOnlyHonest(far, [
      () =>
        new Promise<void>((resolve, reject) =>
          socket.send(payload, VXLAN_PORT, address(1), (error) => (error ? reject(error) : resolve())),
        ),
    ]);
    socket.close();
  });

  test('S-44 take nothing from a host for a network that it has no task of, even when its own filters are gone', async () => {
    const third = lab.hosts[2];
    await third?.exec(['nft', 'delete', 'table', 'inet', 'portreeve']);
    const watch = await site.watch(otherSide);
    const end = site.endOf(otherSide, 'side');
    await udpFrom(2, address(1), tunnelled(SIDE, site.endOf(side, 'side'), end));
    // It is a host of "front", so this one comes in: with a member's name that is not its own, no further.
    await expectOnlyHonest(far, [
      async () =>
        expect(
          (
            await udpFrom(
              2,
              address(1),
              tunnelled(FRONT, { ...front(near), mac: '02:42:01:01:01:01' }, front(far)),
            )
          )?.code,
        ).toBe(0),
    ]);
    expect(watch.seen()).toEqual(['ready']);
    await watch.stop();
  });
});

describe('from a container', () => {
  test('S-44 a gateway answers DNS, and only to its own network', async () => {
    await lab.hosts[0]?.writeFile('/tmp/listen.pl', LISTEN);
    const listening = lab.hosts[0]?.spawn(['perl', '/tmp/listen.pl']);
    await eventually(
      async () =>
        (await lab.hosts[0]?.exec(['curl', '-s', `http://${site.gateway('front', 0)}:9000/`]))?.stdout ===
        'open\n',
    );
    const blocked = (to: string, seconds = '1') =>
      site.inNetworkOf(forger, ['curl', '-s', '--max-time', seconds, `http://${to}/`]);
    const open = ['7400', '7401', '9000'];
    for (const to of [
      ...open.map((port) => `${site.gateway('front', 0)}:${port}`),
      ...open.map((port) => `${address(0)}:${port}`),
      `${site.gateway('side', 0)}:9000`,
      `${site.gateway('side', 0)}:53`,
      `${site.gateway('front', 1)}:53`,
      '172.17.0.1:7401',
    ])
      expect([to, (await blocked(to)).code]).toEqual([to, 28]);
    // Connected, and then the name server hangs up on what is no question.
    expect((await blocked(`${site.gateway('front', 0)}:53`, '10')).code).not.toBe(28);
    await listening?.kill('SIGKILL');
  });

  test('S-44 another network is out of reach', async () => {
    for (const to of [site.endOf(side, 'side'), site.endOf(otherSide, 'side')]) {
      const tried = await site.inNetworkOf(forger, [
        'curl',
        '-s',
        '--max-time',
        '1',
        `http://${to.address}:8080/`,
      ]);
      expect(tried.code).not.toBe(0);
    }
  });

  test('S-44 the metadata address is out of reach, though the host reaches it', async () => {
    await lab.hosts[2]?.exec(['ip', 'addr', 'add', '169.254.169.254/32', 'dev', 'eth0']);
    await lab.hosts[0]?.exec(['ip', 'route', 'add', '169.254.169.254', 'via', address(2)]);
    const probe = ['curl', '-s', '--max-time', '1', 'http://169.254.169.254:1/'];
    const refused = 7;
    const silent = 28;
    expect((await lab.hosts[0]?.exec(probe))?.code).toBe(refused);
    expect((await site.inNetworkOf(forger, probe)).code).toBe(silent);
  });
});

test('S-44 without the filters all of this would have been possible', async () => {
  const watch = await site.watch(far);
  for (const at of [0, 1]) {
    await lab.hosts[at]?.exec(['nft', 'delete', 'table', 'inet', 'portreeve']);
    await lab.hosts[at]?.exec(['nft', 'delete', 'table', 'bridge', 'portreeve']);
  }
  const spoofed = marker('forged');
  await forge(udpFrame({ mac: front(forger).mac, address: '10.200.0.99' }, front(far), `<${spoofed}>`));
  await udpFrom(0, address(1), tunnelled(FRONT, front(near), front(far)));
  await eventually(() => watch.seen().filter((line) => line.startsWith('forged')).length === 2);
  await watch.stop();
});

/** A server on the ports of console and agents, and on another, of every address of the host. */
const LISTEN = `
  use IO::Socket::INET;
  for my $port (7400, 7401, 9000) {
    next if fork;
    my $l = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => $port, Listen => 5, ReuseAddr => 1) or die "$!";
    while (my $c = $l->accept) { <$c>; print $c "HTTP/1.0 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nopen\\n"; close $c; }
  }
  wait;
`;
