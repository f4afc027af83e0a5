// Run in a network namespace of its own, whose name server and "public" address are here: asks what a registry or a
// webhook would ask, and prints what came of it and who was reached.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { sendNotice } from '../alerts/send.ts';
import { openRegistry } from './registry-client.ts';

const PUBLIC = '93.184.216.34';
const PORT = 5000;
const A = 1;
const AAAA = 28;

/** Name → answers in turn; the last one stays. Each is all the addresses of one answer. */
const NAMES: Record<string, string[][]> = {
  'good.test': [[PUBLIC]],
  'auth.good.test': [['127.0.0.1']],
  'rebind.test': [[PUBLIC], ['127.0.0.1']],
  'hook.test': [[PUBLIC], ['127.0.0.1']],
  'mixed.test': [[PUBLIC, '127.0.0.1']],
  'loopback.test': [['127.0.0.1']],
  'metadata.test': [['169.254.169.254']],
  'private.test': [['10.0.0.1']],
  'shared.test': [['100.64.0.1']],
  'zero.test': [['0.0.0.0']],
  'loopback6.test': [['0:0:0:0:0:0:0:1']],
  'mapped.test': [['0:0:0:0:0:ffff:7f00:1']],
  'compatible.test': [['0:0:0:0:0:0:7f00:1']],
  'unique-local.test': [['fd00:0:0:0:0:0:0:1']],
  'site-local.test': [['fec0:0:0:0:0:0:0:1']],
  'nat64.test': [['64:ff9b:0:0:0:0:7f00:1']],
  'nat64-local.test': [['64:ff9b:1:0:0:0:7f00:1']],
  'sixtofour.test': [['2002:7f00:1:0:0:0:0:1']],
};

const bytesOf = (address: string): Buffer =>
  address.includes(':')
    ? Buffer.from(
        address.split(':').flatMap((word) => {
          const value = Number.parseInt(word, 16);
          return [value >> 8, value & 0xff];
        }),
      )
    : Buffer.from(address.split('.').map(Number));

const record = (address: string): Buffer => {
  const data = bytesOf(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(data.length === 4 ? A : AAAA, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
};

const questions: string[] = [];
const nameIn = (message: Buffer): { name: string; end: number } => {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
};

/** Both families are asked for at once: the turn changes with the question for IPv4 alone. */
const answerTo = (message: Buffer): Buffer => {
  const { name, end } = nameIn(message);
  const type = message.readUInt16BE(end - 4);
  const turns = NAMES[name] ?? [];
  const all = turns[0] ?? [];
  if (type === A) {
    questions.push(name);
    if (turns.length > 1) turns.shift();
  }
  const records = all.filter((address) => address.includes(':') === (type === AAAA)).map(record);
  const head = Buffer.from(message.subarray(0, 12));
  head.writeUInt16BE(0x8580, 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, message.subarray(12, end), ...records]);
};

const reached = { inner: [] as string[], outer: [] as string[] };
let reply: { status: number; headers: Record<string, string> } = { status: 404, headers: {} };
const listen = (host: string, log: string[]): Promise<void> =>
  new Promise((resolve) => {
    createServer((request, response) => {
      log.push(`${request.headers.authorization ?? 'nobody'} ${request.url}`);
      response.writeHead(reply.status, reply.headers).end();
    })
      .on('connection', () => log.push('connection'))
      .listen(PORT, host, resolve);
  });

const results: object[] = [];
const ask = async (what: string, work: () => Promise<unknown>): Promise<void> => {
  for (const list of [reached.inner, reached.outer, questions]) list.length = 0;
  const result = await work().then(
    () => 'done',
    (error: Error) => error.message,
  );
  results.push({ what, result, inner: [...reached.inner], outer: [...reached.outer], asked: [...questions] });
};
const registry = (host: string) => async () => {
  const access = { host: `${host}:${PORT}`, plainHttp: true, allowPrivateAddress: false };
  const client = openRegistry({ ...access, username: 'robot', password: 'canary' });
  try {
    await client.manifest({ registry: access.host, repository: 'shop/web', tag: '1' });
  } finally {
    await client.close();
  }
};
const alert = { id: '1', kind: 'test', severity: 'info', message: 'm', hint: 'h', since: '' };
const webhook = (url: string) => () =>
  sendNotice(
    { kind: 'webhook', url, secret: 'canary', allowPrivateAddress: false },
    { cluster: 'c', event: 'test', alert },
  );

const names = createSocket('udp4');
names.on('message', (message, from) => names.send(answerTo(message), from.port, from.address));
await new Promise<void>((resolve) => names.bind(53, '127.0.0.1', resolve));
await Promise.all([
  listen('127.0.0.1', reached.inner),
  listen('::1', reached.inner),
  listen('169.254.169.254', reached.inner),
  listen(PUBLIC, reached.outer),
]);

await ask('a registry with a public address', registry('good.test'));
await ask('the first answer for a name that changes', registry('rebind.test'));
await ask('the second answer for a name that changes', registry('rebind.test'));
await ask('the first answer for a webhook that changes', webhook(`http://hook.test:${PORT}/`));
await ask('the second answer for a webhook that changes', webhook(`http://hook.test:${PORT}/`));
for (const name of Object.keys(NAMES).slice(4)) {
  await ask(`registry ${name}`, registry(name));
  await ask(`webhook ${name}`, webhook(`http://${name}:${PORT}/`));
}
for (const host of [
  ...['127.0.0.1', '127.1', '0x7f000001', '2130706433', '0177.0.0.1', '0', '169.254.169.254', '[::1]'],
  ...[
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[fd00::1]',
    '[64:ff9b:1::7f00:1]',
    'localhost',
  ],
]) {
  await ask(`registry ${host}`, registry(host));
  await ask(`webhook ${host}`, webhook(`http://${host}:${PORT}/`));
}
for (const status of [301, 302, 303, 307, 308])
  for (const location of [
    `http://127.0.0.1:${PORT}/inside`,
    `http://[::1]:${PORT}/inside`,
    'file:///etc/passwd',
  ]) {
    reply = { status, headers: { location } };
    await ask(`registry redirected by ${status} to ${location}`, registry('good.test'));
    await ask(`webhook redirected by ${status} to ${location}`, webhook(`http://good.test:${PORT}/`));
  }
for (const realm of [
  ...[
    `http://127.0.0.1:${PORT}/token`,
    `http://auth.good.test:${PORT}/token`,
    `https://auth.good.test:${PORT}/t`,
  ],
  ...['file:///etc/passwd', 'gopher://127.0.0.1/', `http://good.test:${PORT}@127.0.0.1:${PORT}/`, ''],
]) {
  reply = { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}",service="x"` } };
  await ask(`realm ${realm}`, registry('good.test'));
}
process.stdout.write(JSON.stringify(results));
process.exit(0);
