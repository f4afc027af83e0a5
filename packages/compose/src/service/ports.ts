import type { PortSpec } from '@portreeve/domain';
import { z } from 'zod';
import { itemsOf, member, type Spot, warn, wrong } from '../tree.ts';
import { asIntegerIn, asOneOf, asText, present, shown } from '../values.ts';

export type PlacedPort = { port: PortSpec; at: Spot };

type Range = { from: number; to: number };

/** `80` or `80-89`, both ends included. */
export const readRange = (text: string): Range | undefined => {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from >= 1 && from <= to && to <= 65_535 ? { from, to } : undefined;
};

/** Every port of a range. */
export const portsOf = ({ from, to }: Range): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const SHORT = /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([^:]*):)?([^:/]+)(?:\/([^/]*))?$/;
const EXAMPLES = 'write it like 8080:80, 127.0.0.1:8080:80/tcp or 8080-8089:80';

/** Of one service, published or exposed. */
export const MAX_PORTS = 1_000;

/** The ports of a service, in short and long syntax. What is twice in it is reported. */
export const readPorts = (service: Spot): PortSpec[] => {
  const placed: PlacedPort[] = [];
  for (const at of itemsOf(member(service, 'ports'))) {
    placed.push(...(at.tree.kind === 'map' ? readLong(at) : readShort(at)));
    if (placed.length <= MAX_PORTS) continue;
    wrong(
      at,
      `With this the service has more than ${MAX_PORTS} ports; publish fewer, or use network_mode: host.`,
    );
    return [];
  }
  reportClashes(placed);
  return placed.map(({ port }) => port);
};

const readShort = (at: Spot): PlacedPort[] => {
  const text = asText(at) ?? '';
  const match = SHORT.exec(text);
  const target = match && readRange(match[3] ?? '');
  const wantsHost = !!match?.[2];
  const published = match && wantsHost ? readRange(match[2] ?? '') : undefined;
  const protocol = match?.[4] ?? 'tcp';
  if (!target || (wantsHost && !published) || (protocol !== 'tcp' && protocol !== 'udp')) {
    wrong(at, `“${shown(text)}” is no port; ${EXAMPLES}.`);
    return [];
  }
  const hostAddress = match?.[1]?.replace(/^\[|\]$/g, '') || undefined;
  return place(at, target, published, protocol, hostAddress);
};

const readLong = (at: Spot): PlacedPort[] => {
  const target = asIntegerIn(member(at, 'target'), 1, 65_535);
  const publishedAt = member(at, 'published');
  const published = publishedAt && readRange(asText(publishedAt) ?? '');
  if (publishedAt && !published) {
    wrong(publishedAt, `“${shown(asText(publishedAt) ?? '')}” is no port; write it like 8080 or 8080-8089.`);
  }
  const mode = member(at, 'mode');
  if (mode && asText(mode) !== 'host') {
    wrong(
      mode,
      'There is no routing mesh; write mode: host, which publishes the port on the host of each task.',
    );
  }
  if (target === undefined || (publishedAt && !published)) return [];
  const protocol = asOneOf(member(at, 'protocol'), ['tcp', 'udp'] as const) ?? 'tcp';
  return place(at, { from: target, to: target }, published, protocol, asText(member(at, 'host_ip')));
};

const place = (
  at: Spot,
  target: Range,
  published: Range | undefined,
  protocol: PortSpec['protocol'],
  hostAddress: string | undefined,
): PlacedPort[] => {
  if (hostAddress !== undefined && !z.union([z.ipv4(), z.ipv6()]).safeParse(hostAddress).success) {
    wrong(at, `“${shown(hostAddress)}” is no address of a host; write an IP address, or leave it away.`);
    return [];
  }
  if (!published) {
    warn(
      at,
      `Port ${target.from} names no port of the host and is not published; write it like 8080:${target.from}.`,
    );
  }
  const count = target.to - target.from + 1;
  if (count > 1 && published && published.to - published.from + 1 !== count) {
    wrong(at, 'The two ranges differ in length; write as many ports of the host as of the container.');
    return [];
  }
  return Array.from({ length: Math.min(count, MAX_PORTS + 1) }, (_, i) => ({
    at,
    port: {
      target: target.from + i,
      protocol,
      ...present({
        published: published && published.from + i,
        publishedTo: count === 1 && published && published.to > published.from ? published.to : undefined,
        hostAddress,
      }),
    },
  }));
};

const ANY = new Set([undefined, '0.0.0.0', '::']);

const overlap = (a: PortSpec, b: PortSpec): boolean => {
  if (a.published === undefined || b.published === undefined || a.protocol !== b.protocol) return false;
  const sameAddress = a.hostAddress === b.hostAddress || ANY.has(a.hostAddress) || ANY.has(b.hostAddress);
  // Two equal ranges are no clash: each takes another free port of it.
  if (a.publishedTo !== undefined && b.publishedTo !== undefined) return false;
  return (
    sameAddress &&
    a.published <= (b.publishedTo ?? b.published) &&
    b.published <= (a.publishedTo ?? a.published)
  );
};

const reportClashes = (placed: readonly PlacedPort[]): void => {
  for (const [index, { port, at }] of placed.entries()) {
    const first = placed.slice(0, index).find((before) => overlap(before.port, port));
    if (!first) continue;
    wrong(
      at,
      `Port ${port.published} of the host is published twice, also at ${first.at.path}; choose another.`,
    );
  }
};
