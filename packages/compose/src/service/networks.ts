import { entriesOf, itemsOf, member, type Spot, wrong } from '../tree.ts';
import { asOneOf, asText, shown, textSpots } from '../values.ts';
import type { SpecPart, World } from './world.ts';

const HOST_NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$/;

/** True for what can stand as a host name or alias. */
export const isHostName = (text: string): boolean => HOST_NAME.test(text);

/** The networks a service joins; `default` where it names none or an empty list, none at all with `network_mode`. */
export const readNetworks = (service: Spot, world: World): SpecPart => {
  const modeAt = member(service, 'network_mode');
  const networksAt = member(service, 'networks');
  if (modeAt) return readMode(modeAt, networksAt, member(service, 'ports'));
  const named = [
    ...entriesOf(networksAt).map(([name, at]) => ({ name, at, aliases: readAliases(at) })),
    ...itemsOf(networksAt).map((at) => ({ name: asText(at) ?? '', at, aliases: [] })),
  ];
  const seen = new Set<string>();
  for (const { name, at } of named) {
    if (seen.has(name)) wrong(at, `The network ${shown(name)} stands here twice; keep one of them.`);
    else if (name !== 'default' && !world.networks.has(name)) {
      wrong(at, `There is no network ${shown(name)}; add it under the top-level key networks.`);
    }
    seen.add(name);
  }
  const joined = named.length === 0 ? ['default'] : named.map(({ name }) => name);
  const [firstPort] = itemsOf(member(service, 'ports'));
  if (firstPort && joined.every((name) => world.internal.has(name))) {
    wrong(
      firstPort,
      'No port is published from internal networks; join one that is not internal, or remove ports.',
    );
  }
  if (named.length === 0) return { networks: [{ name: 'default', aliases: [] }] };
  return { networks: named.map(({ name, aliases }) => ({ name, aliases })) };
};

const readMode = (modeAt: Spot, networksAt: Spot | undefined, portsAt: Spot | undefined): SpecPart => {
  const text = asText(modeAt) ?? '';
  if (/^(service|container):/.test(text)) {
    wrong(modeAt, 'Tasks do not share a network stack with another; put both services on one network.');
    return {};
  }
  const networkMode = asOneOf(modeAt, ['host', 'none', 'bridge'] as const);
  if (networksAt)
    wrong(networksAt, `networks and network_mode: ${shown(text)} exclude each other; remove one of them.`);
  if (portsAt && text !== 'bridge') {
    const why =
      text === 'host' ? 'the container is on the network of the host already' : 'there is no network';
    wrong(
      portsAt,
      `Ports are not published with network_mode: ${shown(text)}, as ${why}; remove one of them.`,
    );
  }
  return { networks: [], ...(networkMode && { networkMode }) };
};

const readAliases = (at: Spot): string[] =>
  textSpots(member(at, 'aliases')).flatMap(({ text, at: aliasAt }) => {
    if (isHostName(text)) return [text];
    wrong(aliasAt, `“${shown(text)}” is no host name; use letters, digits, dots and hyphens.`);
    return [];
  });
