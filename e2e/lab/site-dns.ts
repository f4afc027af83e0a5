import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type Packet } from 'dns-packet';
import { eventually } from './eventually.ts';
import { bridgeAddress } from './network.ts';
import type { LabRecord } from './state.ts';

const NXDOMAIN = 3;
const AUTHORITATIVE = 1 << 10;

/**
 * The resolver of the lab's site, on the bridge's address: `<machine>.lab` is its address, and every
 * other name is said not to exist at once. Without it each lookup would wait for seconds, the longer
 * as engines pass queries on and forget to answer.
 */
export async function serveNames(lab: LabRecord): Promise<void> {
  const addresses = new Map(lab.machines.map((machine) => [`${machine.name}.lab`, machine.address]));
  // The bridge gets its address a moment after the keeper has begun.
  const socket = await eventually(() => bind(bridgeAddress(lab.subnet)), {
    what: 'the bridge to have its address',
  });
  socket.on('message', (message, from) => {
    const reply = answer(message, addresses);
    if (reply !== undefined) socket.send(reply, from.port, from.address);
  });
  socket.on('error', (error) => console.error(error));
}

async function bind(address: string): Promise<ReturnType<typeof createSocket>> {
  const socket = createSocket('udp4');
  socket.bind(53, address);
  await once(socket, 'listening');
  return socket;
}

function answer(message: Buffer, addresses: ReadonlyMap<string, string>): Buffer | undefined {
  const query = tryDecode(message);
  const question = query?.questions?.[0];
  if (query === undefined || question === undefined) return undefined;
  const address = addresses.get(question.name.toLowerCase());
  return encode({
    type: 'response',
    id: query.id ?? 0,
    flags: AUTHORITATIVE | (address === undefined ? NXDOMAIN : 0),
    questions: [question],
    answers:
      address !== undefined && question.type === 'A'
        ? [{ type: 'A', name: question.name, ttl: 1, data: address }]
        : [],
  });
}

function tryDecode(message: Buffer): Packet | undefined {
  try {
    return decode(message);
  } catch {
    return undefined;
  }
}
