import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  RECURSION_AVAILABLE,
} from 'dns-packet';
import type { Directory } from './directory.ts';

/** Short enough that a task that is no longer ready is asked no more a second later. */
const TTL_SECONDS = 1;
/** What fits through every path without fragments. */
const MOST_UDP_BYTES = 1_232;
const PLAIN_UDP_BYTES = 512;
/** Of an answer with an address, after its name: our encoder repeats the name each time. */
const BYTES_PER_ADDRESS = 14;

const RCODE = { formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;
type Failure = keyof typeof RCODE;

type Question = { networkId: string; source: string; transport: 'udp' | 'tcp'; bytes: Buffer };

/** What to do with a question. */
type Verdict =
  | { do: 'answer'; bytes: Buffer }
  | { do: 'forward'; servers: string[]; failed: Buffer }
  | { do: 'ignore' };

const HEADER = 12;
const OPCODE_BITS = 0x7800;
const IN_ADDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/;
const flagsOf = (bits: number, rcode = 0): number => bits | rcode;

const failure = (packet: DecodedPacket, why: Failure): Buffer =>
  encode({
    type: 'response',
    id: packet.id,
    flags: flagsOf(RECURSION_AVAILABLE, RCODE[why]),
    questions: packet.questions,
  });

const answered = (packet: DecodedPacket, answers: Answer[]): Buffer =>
  encode({
    type: 'response',
    id: packet.id,
    flags: flagsOf(AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE),
    questions: packet.questions,
    answers,
  });

const udpRoom = (packet: DecodedPacket): number => {
  const opt = packet.additionals?.find((one) => one.type === 'OPT');
  const asked = opt && 'udpPayloadSize' in opt ? Number(opt.udpPayloadSize) : PLAIN_UDP_BYTES;
  return Math.min(Math.max(asked, PLAIN_UDP_BYTES), MOST_UDP_BYTES);
};

const shuffled = (list: readonly string[], random: () => number): string[] => {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other] as string, mixed[at] as string];
  }
  return mixed;
};

/** Where not all fit, some: any of them is as good, and many clients never ask again by TCP. */
const fitting = (packet: DecodedPacket, question: Question, addresses: string[]): string[] => {
  if (question.transport === 'tcp') return addresses;
  const nameBytes = (packet.questions?.[0]?.name.length ?? 0) + 2;
  const room = udpRoom(packet) - HEADER - nameBytes - 4;
  return addresses.slice(0, Math.max(1, Math.floor(room / (nameBytes + BYTES_PER_ADDRESS))));
};

const read = (bytes: Buffer): DecodedPacket | undefined => {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
};

/**
 * Answers a question from what the host knows, or says where it goes. A name of ours without a ready task is answered
 * with no address rather than with "no such name": it exists, and what a resolver remembers of it must not say else.
 * Nothing is answered to whoever is not a container of this network here, or the host itself.
 */
export const answer = (directory: Directory, question: Question, random: () => number): Verdict => {
  const packet = read(question.bytes);
  if (packet?.type !== 'query') return { do: 'ignore' };
  if (((packet.flags ?? 0) & OPCODE_BITS) !== 0)
    return { do: 'answer', bytes: failure(packet, 'notImplemented') };
  const [asked, ...more] = packet.questions ?? [];
  if (!asked || more.length > 0) return { do: 'answer', bytes: failure(packet, 'formatError') };
  const asker = directory.asker(question.networkId, question.source);
  if (!asker || (asked.class ?? 'IN') !== 'IN') return { do: 'answer', bytes: failure(packet, 'refused') };

  const name = asked.name.toLowerCase().replace(/\.$/, '');
  const outside = (): Verdict =>
    asker.mayAskOutside
      ? { do: 'forward', servers: asker.servers, failed: failure(packet, 'serverFailure') }
      : { do: 'answer', bytes: failure(packet, 'noSuchName') };

  const reversed = IN_ADDR.exec(name);
  if (reversed) {
    const address = reversed.slice(1, 5).reverse().map(Number);
    if (address.some((octet) => octet > 255)) return outside();
    const found = directory.nameOf(asker, address.join('.'));
    if (!found.known) return outside();
    if (found.name === undefined) return { do: 'answer', bytes: failure(packet, 'noSuchName') };
    const pointer: Answer = { type: 'PTR', name: asked.name, ttl: TTL_SECONDS, data: found.name };
    return { do: 'answer', bytes: answered(packet, asked.type === 'PTR' ? [pointer] : []) };
  }

  const found = directory.addressesOf(asker, name);
  if (!found.known) return outside();
  const addresses = asked.type === 'A' ? fitting(packet, question, shuffled(found.addresses, random)) : [];
  return {
    do: 'answer',
    bytes: answered(
      packet,
      addresses.map((data) => ({ type: 'A', name: asked.name, ttl: TTL_SECONDS, data })),
    ),
  };
};
