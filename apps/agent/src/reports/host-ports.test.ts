import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { foreignPorts, parseListeners, usedPorts } from './host-ports.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (local: string, state: string): string =>
  `   0: ${local} 00000000:0000 ${state} 0:0 0 0 0 0 1\n`;

test('listeners of the kernel are read with their addresses', () => {
  const tcp = HEAD + line('0100007F:1F90', '0A') + line('00000000:0050', '0A') + line('0100007F:0016', '01');
  expect(parseListeners(tcp, 'tcp')).toEqual([
    { port: 8080, protocol: 'tcp', hostAddress: '127.0.0.1' },
    { port: 80, protocol: 'tcp' },
  ]);
  const tcp6 =
    HEAD +
    line('00000000000000000000000000000000:01BB', '0A') +
    line('0000000000000000FFFF00000100007F:1538', '0A') +
    line('B80D0120000000000000000001000000:0019', '0A');
  expect(parseListeners(tcp6, 'tcp')).toEqual([
    { port: 443, protocol: 'tcp' },
    { port: 5432, protocol: 'tcp', hostAddress: '127.0.0.1' },
    { port: 25, protocol: 'tcp', hostAddress: '2001:db8::1' },
  ]);
});

test('a UDP socket that talks to one peer holds nothing', () => {
  const udp = HEAD + line('00000000:0035', '07') + line('0A00000A:0035', '01');
  expect(parseListeners(udp, 'udp')).toEqual([{ port: 53, protocol: 'udp' }]);
});

test('ports of our tasks, of our names and passing ones are not told of, and the rest always in the same order', () => {
  const held = [
    { port: 443, protocol: 'tcp' as const },
    { port: 80, protocol: 'tcp' as const },
    { port: 80, protocol: 'tcp' as const },
    { port: 8080, protocol: 'tcp' as const },
    { port: 53, protocol: 'udp' as const, hostAddress: '10.64.0.1' },
    { port: 53, protocol: 'udp' as const, hostAddress: '127.0.0.53' },
    { port: 40_000, protocol: 'tcp' as const },
  ];
  const ours = [{ port: 8080, protocol: 'tcp' as const }];
  const told = foreignPorts(held, ours, ['10.64.0.1'], (port) => port > 32_767);
  expect(told).toEqual([
    { port: 53, protocol: 'udp', hostAddress: '127.0.0.53' },
    { port: 80, protocol: 'tcp' },
    { port: 443, protocol: 'tcp' },
  ]);
  expect(foreignPorts(held.toReversed(), ours, ['10.64.0.1'], (port) => port > 32_767)).toEqual(told);
});

test('what listens on this very host is found, until it is assigned to a task of ours', async () => {
  const server = createServer();
  const udp = createSocket('udp4');
  // Below the ports that the kernel gives away; taken ones are tried past.
  let port = 20_000 + (process.pid % 5_000);
  const listen = async (): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening').catch(() => {
      port += 1;
      return listen();
    });
  };
  await listen();
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  const mine = async (assigned: Parameters<typeof usedPorts>[1]) =>
    (await usedPorts(undefined, assigned)).filter((one) => one.port === port);
  const both = (['tcp', 'udp'] as const).map((protocol) => ({ port, protocol, hostAddress: '127.0.0.1' }));
  expect(await mine([])).toEqual(both);
  expect(await mine(both)).toEqual([]);
  server.close();
  udp.close();
});
