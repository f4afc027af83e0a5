import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectAgent, type Identity, join, type TestAgent } from '../agents/testing/test-agent.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { rowCounts } from '../test-rows.ts';
import { type Answer, type Client, startTestServer, type TestServer } from '../test-server.ts';

/** All that a member of a project usually has, and a little more, but nothing of the host. */
const PERMISSIONS = [
  ...['stack.read', 'service.deploy', 'service.scale', 'service.stop', 'service.env.read'],
  ...['network.read', 'network.edit', 'volume.read', 'volume.edit', 'registry.read', 'registry.edit'],
];
/** What a deploy makes; rollouts of good stacks go on meanwhile and write their own events. */
const MADE = ['Stack', 'StackVersion', 'Service', 'Revision', 'Rollout', 'Network', 'Volume', 'StoredFile'];
const IMAGE_ID = `sha256:${'1'.repeat(64)}`;

describe('what belongs to another project', { timeout: 90_000 }, () => {
  let site: TestServer;
  let admin: Client;
  let registry: FakeRegistry;
  let agent: TestAgent;
  let node: Identity;
  let beating: NodeJS.Timeout;
  let bearer: Record<string, string>;
  /** What the host's engine has, by the name it is asked for. */
  const onHost = new Map<string, { imageId: string; repoDigests: string[] }>();

  beforeAll(async () => {
    site = await startTestServer();
    admin = await site.administrator();
    registry = await startFakeRegistry();
    await admin.call('POST', '/registries?project=/', {
      ...{ host: registry.host, plainHttp: true, allowPrivateAddress: true },
    });
    for (const [path, from] of [
      ['/shop', 8000],
      ['/bank', 9000],
    ] as const)
      await admin.call('POST', '/projects', { path, portFrom: from, portTo: from + 99 });
    const narrow = await admin.call('POST', '/me/tokens', {
      ...{ name: 'shop', permissions: PERMISSIONS, projectPath: '/shop' },
    });
    bearer = { authorization: `Bearer ${(narrow.json as { token: string }).token}` };
    const { token } = (await admin.call('POST', '/join-tokens', {})).json as { token: string };
    node = await join(site.server.agentUrl, site.server.platform.ca.certificatePem, token, 'host');
    agent = await connectAgent(site.server.agentUrl, node, {}, (body) => {
      const { kind, reference = '' } = body as { kind: string; reference?: string };
      const image = onHost.get(reference);
      const none = { found: false, repoDigests: [] };
      return { ok: true, value: kind === 'find-image' ? (image ? { found: true, ...image } : none) : [] };
    });
    beating = setInterval(() => void agent.beat().catch(() => undefined), 1_000);
    await agent.report([], { complete: true });
    await vi.waitFor(async () => expect((await nodeRow()).state).toBe('ready'), 15_000);
    registry.push('shop/web', '1');
  });
  afterAll(async () => {
    clearInterval(beating);
    agent?.close();
    await site?.close();
    await registry?.close();
  });

  const db = () => site.db.database.prisma;
  const nodeRow = () => db().node.findUniqueOrThrow({ where: { id: node.nodeId } });
  const image = () => `${registry.host}/shop/web:1`;
  const file = (service: string, more = '', of = image()) =>
    `services:\n  web:\n    image: ${of}\n    deploy: { replicas: 0 }\n${service && `    ${service}\n`}${more}`;
  const bodyOf = (compose: string) => ({ application: { files: { 'compose.yaml': compose } } });
  const member = (method: string, path: string, body?: unknown): Promise<Answer> =>
    site.anonymous.call(method, path, body, bearer);
  const applied = async (project: string, name: string, compose: string) => {
    const answer = await admin.call('PUT', `/stacks/${name}?project=${project}`, bodyOf(compose));
    expect(answer.status, answer.text).toBe(200);
  };
  const made = async () => {
    const counts = await rowCounts(site.db.database);
    return MADE.map((table) => `${table} ${counts[table]}`);
  };
  const refusals = () => db().auditEntry.count({ where: { action: 'stacks.apply', outcome: 'refused' } });

  /** Refused over HTTP as a new stack and as an update of a good one; nothing is made of it. */
  const expectRefused = async (compose: string, expected: object, audited = true): Promise<void> => {
    await applied('/shop', 'good', file(''));
    const before = await made();
    const entries = await refusals();
    for (const name of ['fresh', 'good']) {
      const answer = await member('PUT', `/stacks/${name}?project=/shop`, bodyOf(compose));
      expect({ ...(answer.json as object), compose, name, status: answer.status }).toMatchObject({
        ...{ compose, name, ...expected },
      });
    }
    expect(await made()).toEqual(before);
    expect(await refusals()).toBe(entries + (audited ? 2 : 0));
  };

  it('S-39 a member deploys what is the project’s own', async () => {
    const compose = file(
      'networks: [inside]\n    volumes: ["data:/d"]',
      'networks: { inside: {} }\nvolumes: { data: {} }',
    );
    const answer = await member('PUT', '/stacks/own?project=/shop', bodyOf(compose));
    expect(answer.status, answer.text).toBe(200);
  });

  it.each([
    ['networks: [n]', 'networks: { n: { external: true, name: theirs_inside } }'],
    ['networks: [n]', 'networks: { n: { external: true, name: bridge } }'],
    ['networks: [n]', 'networks: { n: { external: true, name: host } }'],
    ['volumes: ["v:/d"]', 'volumes: { v: { external: true, name: theirs_data } }'],
  ])('S-39 %s with %s is refused', async (service, more) => {
    await applied(
      '/bank',
      'theirs',
      file('networks: [inside]\n    volumes: ["data:/d"]', 'networks: { inside: {} }\nvolumes: { data: {} }'),
    );
    await expectRefused(file(service, more), { status: 403, code: 'permission.missing' });
  });

  it('S-39 what an engine calls another project’s volume or network is no name for it', async () => {
    const [network, volume] = [await db().network.findFirstOrThrow(), await db().volume.findFirst()];
    for (const name of [network.id, `pr${network.vni}`, volume?.id ?? 'pr', volume?.engineName ?? 'pr']) {
      const refused = { status: 403, code: 'permission.missing' };
      const external = (kind: string) => `${kind}: { x: { external: true, name: "${name}" } }`;
      await expectRefused(file('networks: [x]', external('networks')), refused);
      await expectRefused(file('volumes: ["x:/d"]', external('volumes')), refused);
    }
  });

  it.each([
    ['networks: [n]', 'networks: { n: { name: theirs_inside } }'],
    ['volumes: ["v:/d"]', 'volumes: { v: { name: theirs_data } }'],
    ['container_name: theirs-web-1', ''],
    ['network_mode: "container:theirs"', ''],
    ['network_mode: "service:other"', ''],
    ['pid: "container:theirs"', ''],
    ['ipc: "container:theirs"', ''],
    ['volumes_from: ["container:theirs"]', ''],
    ['volumes: ["v:/d"]', 'volumes: { v: { driver_opts: { type: none, o: bind, device: / } } }'],
    [
      'volumes: ["v:/d"]',
      'volumes: { v: { driver: local, driver_opts: { type: nfs, o: addr=1.2.3.4, device: ":/" } } }',
    ],
    ['networks: [n]', 'networks: { n: { driver: host } }'],
    ['networks: [n]', 'networks: { n: { driver: macvlan, driver_opts: { parent: eth0 } } }'],
    ['networks: [n]', 'networks: { n: { driver_opts: { com.docker.network.bridge.name: docker0 } } }'],
  ])('S-39 %s%s is refused with its place in the file', (service, more) =>
    expectRefused(file(service, more), { status: 422, code: 'compose.invalid' }, false),
  );

  it('S-6 why a task is where it is says nothing of the hosts of another project', async () => {
    await applied('/shop', 'seen', file(''));
    const bank = await db().project.findFirstOrThrow({ where: { path: '/bank' } });
    const theirs = await createFakeAgents(site.db.database).addNode('vault-2');
    await db().node.update({ where: { id: theirs }, data: { projectId: bank.id } });
    const { id } = await db().service.findFirstOrThrow({ where: { stack: { name: 'seen' } } });
    const path = `/services/${id}/placement`;
    expect((await admin.call('GET', path)).text).toContain('vault-2');
    const answer = await member('GET', path);
    expect(answer.json).toMatchObject({ nodes: 1 });
    expect(answer.text).not.toContain('vault-2');
    await db().node.delete({ where: { id: theirs } });
  });

  it('S-39 a stack of another project is not there', async () => {
    const { id } = await db().stack.findFirstOrThrow({ where: { name: 'theirs' } });
    const before = await made();
    for (const [method, path] of [
      ['GET', '/stacks/by-name/theirs?project=/bank'],
      ['GET', `/stacks/${id}`],
      ['DELETE', `/stacks/${id}`],
      ['PUT', '/stacks/theirs?project=/bank'],
    ] as const) {
      const answer = await member(method, path, method === 'PUT' ? bodyOf(file('')) : undefined);
      expect({ path, known: [403, 404].includes(answer.status) }).toEqual({ path, known: true });
    }
    expect(await made()).toEqual(before);
  });

  it('S-40 an image that another project pulled with its credentials is not run by its name, digest or id', async () => {
    const digest = registry.push('bank/vault', '1');
    const name = `${registry.host}/bank/vault`;
    await applied('/bank', 'vault', file('', '', `${name}:1`));
    const held = { imageId: IMAGE_ID, repoDigests: [`${name}@${digest}`] };
    for (const known of [`${name}:1`, `${name}@${digest}`, IMAGE_ID, IMAGE_ID.slice(7, 19), 'vault'])
      onHost.set(known, held);
    registry.challenge = 'Basic realm="x"';
    const refused = { status: 422, code: 'image.unresolvable' };
    for (const wanted of [`${name}:1`, `${name}@${digest}`, IMAGE_ID])
      for (const policy of ['', 'pull_policy: never', 'pull_policy: missing'])
        await expectRefusedUnreadable(file(policy, '', wanted), refused);
    registry.challenge = undefined;
  });

  /** As `expectRefused`, where even a good image cannot be asked for. */
  const expectRefusedUnreadable = async (compose: string, expected: object): Promise<void> => {
    const before = await made();
    const answer = await member('PUT', '/stacks/fresh?project=/shop', bodyOf(compose));
    expect({ compose, status: answer.status, ...(answer.json as object) }).toMatchObject(expected);
    expect(await made()).toEqual(before);
  };

  it('S-40 the same image is run by the project that may read it, and a local one by who has the host', async () => {
    const { repoDigests = [] } = onHost.get('vault') ?? {};
    await applied('/bank', 'again', file('', '', repoDigests[0]));
    onHost.set('built-here:1', { imageId: `sha256:${'2'.repeat(64)}`, repoDigests: [] });
    const local = file('pull_policy: never', '', 'built-here:1');
    expect((await member('PUT', '/stacks/local?project=/shop', bodyOf(local))).status).toBe(200);
  });

  it.each(['22', '7400', '7401', '80', '7999', '8100', '9000', '7990-8010', '8099-8100'])(
    'S-41 the host port %s is refused with the range of the project',
    (port) =>
      expectRefused(
        file(`ports: ["${port}:80"]`.replace(/"(\d+)-(\d+):80"/, (_, a, b) => `"${a}-${b}:${a}-${b}"`)),
        { status: 422, code: 'plan.refused', hint: expect.stringContaining('8000–8099') },
      ),
  );

  it('S-41 a host port that is taken is refused with who has it, by any address', async () => {
    const taken = (ports: string) =>
      `services:\n  web:\n    image: ${image()}\n    deploy: { replicas: 1 }\n    ports: [${ports}]\n`;
    const answer = await member('PUT', '/stacks/first?project=/shop', bodyOf(taken('"8050:80"')));
    expect(answer.status, answer.text).toBe(200);
    const placed = () =>
      db().task.count({ where: { service: { stack: { name: 'first' } }, nodeId: { not: null } } });
    await expect.poll(placed).toBe(1);
    for (const ports of ['"8050:81"', '"127.0.0.1:8050:80"', '"8040-8060:40-60"'])
      await expectRefused(taken(ports), { status: 422, code: 'plan.refused' });
  });
});
