import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connectAgent, dial, type Identity, join, type TestAgent } from '../agents/testing/test-agent.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

let test_: TestServer;
let admin: Client;
let caPem: string;
beforeAll(async () => {
  test_ = await startTestServer();
  admin = await test_.administrator();
  caPem = test_.server.platform.ca.certificatePem;
});
afterAll(() => test_.close());

type Made = { token: string; command: string; caSha256: string; view: { id: string } };
const makeToken = async (body: object = {}): Promise<Made> => {
  const answer = await admin.call('POST', '/join-tokens', body);
  expect(answer.status, answer.text).toBe(200);
  return answer.json;
};
const joined = async (name: string, body: object = {}): Promise<Identity> =>
  join(test_.server.agentUrl, caPem, (await makeToken(body)).token, name);
const ready = async (name: string): Promise<{ identity: Identity; agent: TestAgent }> => {
  const identity = await joined(name);
  const agent = await connectAgent(test_.server.agentUrl, identity, {}, (body) => ({
    ok: true,
    value:
      body.kind === 'containers'
        ? [
            {
              id: 'c1',
              name: 'web',
              image: 'web',
              imageId: 'x',
              state: 'running',
              status: 'Up',
              createdAt: '2026-01-01T00:00:00Z',
            },
          ]
        : [],
  }));
  await agent.report([], { complete: true });
  await expect.poll(async () => (await view(identity.nodeId)).state).toBe('ready');
  return { identity, agent };
};
type View = {
  state: string;
  why: string;
  version: number;
  availability: string;
  agentConnected: boolean;
  name: string;
};
const view = async (id: string): Promise<View> => (await admin.call('GET', `/nodes/${id}`)).json;
const codeOf = (answer: { json: never }): string => (answer.json as { code: string }).code;

const run = (command: string, env: Record<string, string>): Promise<{ code: number; text: string }> =>
  new Promise((resolve) => {
    const child = spawn('sh', ['-s'], { env: { ...process.env, ...env } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => resolve({ code: code ?? -1, text }));
    child.stdin.end(command);
  });

/** Nothing of this machine is touched: who runs it is "root", work is done in a folder of its own, the agent is a stub. */
const sandboxed = (command: string): { command: string; path: string } => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'join-command-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(joinPath(folder, 'id'), '#!/bin/sh\necho 0\n', { mode: 0o755 });
  const stub = `wc -c < "$work/portreeve-agent"; cat > /dev/null <<'TOKEN'`;
  return {
    command: command
      .replaceAll('/usr/local/lib', folder)
      .replace(/^"\$work\/portreeve-agent" join .*$/m, stub)
      .replace(/^"\$work\/portreeve-agent" install$/m, ':'),
    path: `${folder}:${process.env.PATH}`,
  };
};

test('S-46 the pasted command holds the token in a here-document only, and checks the CA before anything else', async () => {
  const { command, token, caSha256 } = await makeToken();
  const lines = command.split('\n');
  expect(lines.filter((line) => line.includes(token))).toEqual([token]);
  const forged = sandboxed(command.replace(caSha256, '0'.repeat(64)));
  expect(await run(forged.command, { PATH: forged.path })).toMatchObject({
    code: 1,
    text: expect.stringContaining('somebody is in between'),
  });
  const right = sandboxed(command);
  const { code, text } = await run(right.command, { PATH: right.path });
  // Built or not, the server was asked for the agent over TLS that was checked against the cluster's CA.
  if (code === 0) expect(Number.parseInt(text, 10)).toBeGreaterThan(1_000_000);
  else expect(text).toContain('has no agent for linux');
});

test('S-32 what somebody in between adds to the CA certificate is refused, or not trusted', async () => {
  const { command } = await makeToken();
  const pasted = async (served: string) => {
    const { command: safe, path } = sandboxed(command);
    const folder = path.split(':')[0] ?? '';
    writeFileSync(joinPath(folder, 'served.pem'), served);
    // The first call fetches the certificate; the second shows what it would trust.
    const curl = `#!/bin/sh\n[ "$1" = -fsSk ] || { cat "$3"; exit 1; }\ncat '${folder}/served.pem' > "$4"\n`;
    writeFileSync(joinPath(folder, 'curl'), curl, { mode: 0o755 });
    return (await run(safe, { PATH: path })).text;
  };
  const lines = '-----BEGIN CERTIFICATE-----\nRVZJTA==\n-----END CERTIFICATE-----\n';
  for (const served of [`${lines}${caPem}`, `${caPem}\n${lines}`])
    expect(await pasted(served)).toMatch(/cannot be read|somebody is in between/);
  const trusted = await pasted(`${lines.trim().replaceAll('\n', '\r')}\n${caPem}`);
  expect(trusted).not.toContain('RVZJTA');
  const pem = trusted.slice(0, trusted.indexOf('The server has no agent'));
  expect(new X509Certificate(pem).raw).toEqual(new X509Certificate(caPem).raw);
});

test.each(["it's", '$(reboot)', 'a;reboot', '`reboot`', '-o'])(
  'S-32 an address that the shell would read, such as %s, is in no command',
  async (address) => {
    const answer = await admin.call('POST', '/join-tokens', { address, description: 'for a shell' });
    expect(codeOf(answer)).toBe('request.invalid');
    expect((await admin.call('GET', '/join-tokens')).text).not.toContain('for a shell');
  },
);

test('the command has the port that was given, the usual one of its scheme too, else that of the server', async () => {
  const commandAt = async (address: string) =>
    ((await admin.call('POST', '/join-tokens', { address })).json as { command: string }).command;
  const own = new URL(test_.server.agentUrl).port;
  for (const [address, url] of [
    ['console.example:443', 'https://console.example:443'],
    ['https://console.example:443', 'https://console.example:443'],
    ['console.example', `https://console.example:${own}`],
    ['[2001:db8::7]:443', 'https://[2001:db8::7]:443'],
  ] as const)
    expect(await commandAt(address)).toContain(`join --server '${url}'`);
});

test('addresses that the settings name are what agents dial, or are refused', async () => {
  const edit = async (agentAddresses: string[]) => {
    const { version } = (await admin.call('GET', '/settings')).json as { version: number };
    return admin.call('PATCH', '/settings', { agentAddresses }, { 'if-match': `"${version}"` });
  };
  const own = new URL(test_.server.agentUrl).port;
  const edited = await edit(['forwarder.example:443', '10.0.0.9']);
  expect(edited.json, edited.text).toMatchObject({
    agentAddresses: ['https://forwarder.example:443', `https://10.0.0.9:${own}`],
  });
  expect(codeOf(await edit(['http://elsewhere/path']))).toBe('request.invalid');
  await edit([]);
});

test('a token is shown once, listed without itself, and can be revoked', async () => {
  const { token, view: made } = await makeToken({ description: 'rack 4', labels: { zone: 'a' }, uses: 3 });
  const listed = await admin.call('GET', '/join-tokens');
  expect(listed.text).not.toContain(token);
  expect(listed.text).toContain('rack 4');
  expect((await admin.call('DELETE', `/join-tokens/${made.id}`)).status).toBe(204);
  await expect(join(test_.server.agentUrl, caPem, token)).rejects.toThrow('revoked');
});

test('names of hosts are made unique, and a node says why it is not in use', async () => {
  const [one, two] = [await joined('twin'), await joined('twin')];
  expect([one.nodeName, two.nodeName]).toEqual(['twin', 'twin-2']);
  expect(await view(one.nodeId)).toMatchObject({
    state: 'joining',
    why: expect.stringContaining('has not connected yet'),
  });
});

test('cordon, drain and uncordon change what a node takes, once, and are told to the agent', async () => {
  const { identity, agent } = await ready('cordoned');
  const before = (await view(identity.nodeId)).version;
  const cordoned = await admin.call('POST', `/nodes/${identity.nodeId}/cordon`);
  expect(cordoned.json).toMatchObject({ availability: 'cordoned', version: before + 1 });
  expect((await admin.call('POST', `/nodes/${identity.nodeId}/cordon`)).json).toMatchObject({
    version: before + 1,
  });
  await expect.poll(() => agent.documents.at(-1)?.availability).toBe('cordoned');
  const preview = await admin.call('GET', `/nodes/${identity.nodeId}/drain`);
  expect(preview.json).toMatchObject({ moves: [], stays: [], summary: 'Nothing runs here.' });
  await admin.call('POST', `/nodes/${identity.nodeId}/drain`);
  expect(await view(identity.nodeId)).toMatchObject({ drain: { moved: 0, total: 0, stuck: [] } });
  await admin.call('POST', `/nodes/${identity.nodeId}/uncordon`);
  expect(await view(identity.nodeId)).toMatchObject({ availability: 'active', why: '' });
  agent.close();
  await expect.poll(async () => (await view(identity.nodeId)).why).toContain('not known now');
});

test('an edit names the version it is based on, and names stay unique', async () => {
  const node = await joined('editable');
  const path = `/nodes/${node.nodeId}`;
  const { version } = await view(node.nodeId);
  expect((await admin.call('PATCH', path, { name: 'renamed' })).status).toBe(428);
  const match = { 'if-match': `"${version}"` };
  const edited = await admin.call('PATCH', path, { name: 'renamed', labels: { zone: 'b' } }, match);
  expect(edited.json).toMatchObject({ name: 'renamed', zone: 'b' });
  expect(codeOf(await admin.call('PATCH', path, { name: 'again' }, match))).toBe('conflict.version');
  const taken = await admin.call('PATCH', path, { name: 'twin' }, { 'if-match': `"${version + 1}"` });
  expect(codeOf(taken)).toBe('conflict.name');
});

test('S-31 a removed node is gone at once: its connection ends and its certificate opens nothing', async () => {
  const { identity, agent } = await ready('removed');
  expect((await admin.call('DELETE', `/nodes/${identity.nodeId}`)).status).toBe(204);
  await expect.poll(() => agent.disconnected()).toBeDefined();
  const credentials = { ca: caPem, keyPem: identity.keyPem, certificatePem: identity.certificatePem };
  await expect(dial(test_.server.agentUrl, '/agent', credentials)).rejects.toThrow('removed');
  await expect(dial(test_.server.agentUrl, '/bulk', credentials)).rejects.toThrow('removed');
  expect((await admin.call('GET', `/nodes/${identity.nodeId}`)).status).toBe(404);
});

test('containers of a host are shown, also those not ours', async () => {
  const { identity, agent } = await ready('containers');
  const answer = await admin.call('GET', `/nodes/${identity.nodeId}/containers`);
  expect(answer.json).toMatchObject({ items: [{ id: 'c1', ours: false }] });
  agent.close();
  await expect
    .poll(async () => codeOf(await admin.call('GET', `/nodes/${identity.nodeId}/containers`)))
    .toBe('node.unreachable');
});

test('nodes are listed by pages, sorted and searched on the server', async () => {
  const first = await admin.call('GET', '/nodes?limit=2&sort=name');
  const page = first.json as { items: View[]; next: string };
  expect(page.items).toHaveLength(2);
  const second = await admin.call('GET', `/nodes?limit=2&sort=name&cursor=${page.next}`);
  const names = [...page.items, ...(second.json as { items: View[] }).items].map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  expect(new Set(names).size).toBe(4);
  expect((await admin.call('GET', '/nodes?search=zone%3Db')).json).toMatchObject({
    items: [{ name: 'renamed' }],
  });
});

test('S-6 a node that does not exist and one that never did look the same', async () => {
  expect(codeOf(await admin.call('GET', `/nodes/${uuid()}`))).toBe('not-found');
  expect((await test_.anonymous.call('GET', `/nodes/${uuid()}`)).status).toBe(401);
});
