import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { HostPort } from '@portreeve/domain';
import type { Engine } from '../engine/engine.ts';
import { LABEL } from '../engine/seen.ts';

/** States of a socket in /proc/net that hold its port: TCP that listens, UDP that is bound and not connected. */
const HOLDING = { tcp: '0A', udp: '07' } as const;
/** A host with more listeners than this is told of in part: facts are small. */
const MOST = 200;
/** Bridges of stack networks: what listens there is ours. */
const OWN_BRIDGE = /^pr\d+$/;
const ASK_MS = 10_000;

const EVERY_ADDRESS = ['0.0.0.0', '::', ''];

/** An address as the kernel prints it: words of 32 bits, each with its lowest byte first. */
const addressOf = (hex: string): string => {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse(),
  );
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255';
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
};

const hostPort = (port: number, protocol: HostPort['protocol'], address: string): HostPort =>
  EVERY_ADDRESS.includes(address) ? { port, protocol } : { port, protocol, hostAddress: address };

/** The ports that are held, of the text of /proc/net/tcp, udp, tcp6 or udp6. */
export const parseListeners = (content: string, protocol: HostPort['protocol']): HostPort[] =>
  content
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === HOLDING[protocol])
    .map(([, local = '']) => {
      const [address = '', port = ''] = local.split(':');
      return hostPort(Number.parseInt(port, 16), protocol, addressOf(address));
    });

/** Ports that the kernel gives to whoever asks for any: they come and go, and are nobody's for long. */
const ephemeral = async (): Promise<(port: number) => boolean> => {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '');
  const [from = 32_768, to = 60_999] = text.trim().split(/\s+/).filter(Boolean).map(Number);
  return (port) => port >= from && port <= to;
};

/** Every port that a socket of this host holds, without passing ones; costs four small reads. */
export const listeners = async (): Promise<HostPort[]> => {
  const files = (['tcp', 'udp'] as const).flatMap((protocol) =>
    ['', '6'].map(async (family) =>
      parseListeners(await readFile(`/proc/net/${protocol}${family}`, 'utf8').catch(() => ''), protocol),
    ),
  );
  const isPassing = await ephemeral();
  return (await Promise.all(files)).flat().filter(({ port }) => !isPassing(port));
};

type Published = { ours: HostPort[]; others: HostPort[] };

const published = async (engine: Engine | undefined): Promise<Published> => {
  const list = engine?.docker.listContainers.bind(engine.docker);
  const options = { abortSignal: AbortSignal.timeout(ASK_MS) } as unknown as Parameters<
    Engine['docker']['listContainers']
  >[0];
  const found = (await list?.(options).catch(() => [])) ?? [];
  const portsOf = (ours: boolean): HostPort[] =>
    found
      .filter(({ Labels }) => (Labels?.[LABEL.task] !== undefined) === ours)
      .flatMap(({ Ports }) =>
        (Ports ?? []).flatMap(({ PublicPort, Type, IP }) =>
          PublicPort && (Type === 'tcp' || Type === 'udp') ? [hostPort(PublicPort, Type, IP ?? '')] : [],
        ),
      );
  return { ours: portsOf(true), others: portsOf(false) };
};

const keyOf = ({ port, protocol }: HostPort): string => `${port}/${protocol}`;

/** What is left of all that is held once our own tasks, our own names and passing ports are taken out. Always in the same order. */
export const foreignPorts = (
  held: readonly HostPort[],
  ours: readonly HostPort[],
  ownAddresses: readonly string[],
  isPassing: (port: number) => boolean,
): HostPort[] => {
  const own = new Set(ours.map(keyOf));
  const foreign = held.filter(
    (one) =>
      !own.has(keyOf(one)) && !isPassing(one.port) && !ownAddresses.includes(one.hostAddress ?? 'every'),
  );
  const unique = new Map(foreign.map((one) => [`${keyOf(one)} ${one.hostAddress ?? ''}`, one]));
  return [...unique]
    .sort(([a, x], [b, y]) => x.port - y.port || (a < b ? -1 : 1))
    .slice(0, MOST)
    .map(([, one]) => one);
};

/**
 * Ports of this host that something other than our tasks holds, so that no task is placed where it could not start.
 * `assigned` are those of the newest document: a task's port is its own also while it starts or ends.
 */
export const usedPorts = async (
  engine: Engine | undefined,
  assigned: readonly HostPort[],
): Promise<HostPort[]> => {
  const [held, { ours, others }, isPassing] = await Promise.all([
    listeners(),
    published(engine),
    ephemeral(),
  ]);
  const ownAddresses = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    OWN_BRIDGE.test(name) ? (list ?? []).map(({ address }) => address) : [],
  );
  return foreignPorts([...held, ...others], [...ours, ...assigned], ownAddresses, isPassing);
};
