import type { ServiceSpec } from '@portreeve/domain';
import { z } from 'zod';
import { entriesOf, itemsOf, member, type Spot, wrong } from '../tree.ts';
import { asText, present, shown, textSpots } from '../values.ts';
import { isHostName } from './networks.ts';
import { recordOf } from './pairs.ts';
import type { SpecPart } from './world.ts';

const isAddress = (text: string): boolean => z.union([z.ipv4(), z.ipv6()]).safeParse(text).success;

/** Further hosts and resolvers, and where the log goes. */
export const readNames = (service: Spot): SpecPart => {
  const hosts = member(service, 'extra_hosts');
  const logging = member(service, 'logging');
  return {
    extraHosts: [
      ...itemsOf(hosts).flatMap((at) => listedHost(asText(at) ?? '', at)),
      ...entriesOf(hosts).flatMap(([host, at]) =>
        textSpots(at).flatMap(({ text }) => extraHost(host, text, at)),
      ),
    ],
    dns: {
      servers: textSpots(member(service, 'dns')).flatMap(({ text, at }) => dnsServer(text, at)),
      search: textSpots(member(service, 'dns_search')).map(({ text }) => text),
      options: textSpots(member(service, 'dns_opt')).map(({ text }) => text),
    },
    ...present({ logging: logging && readLogging(logging) }),
  };
};

type ExtraHost = ServiceSpec['extraHosts'][number];

const listedHost = (text: string, at: Spot): ExtraHost[] => {
  const [, host = '', address = ''] = /^([^=:]+)[=:](.*)$/.exec(text) ?? [];
  return extraHost(host, address, at);
};

const extraHost = (host: string, written: string, at: Spot): ExtraHost[] => {
  const address = written.replace(/^\[(.*)\]$/, '$1');
  if (isHostName(host) && (isAddress(address) || address === 'host-gateway')) return [{ host, address }];
  wrong(at, `“${shown(`${host}=${written}`)}” is no host with its address; write it like db=10.0.0.5.`);
  return [];
};

const dnsServer = (text: string, at: Spot): string[] => {
  if (isAddress(text)) return [text];
  wrong(at, `“${shown(text)}” is no address of a DNS server; write its IP address.`);
  return [];
};

const readLogging = (at: Spot): ServiceSpec['logging'] | undefined => {
  const driver = asText(member(at, 'driver'));
  const options = recordOf(member(at, 'options'));
  if (driver !== undefined) return { driver, options };
  if (Object.keys(options).length > 0)
    wrong(at, 'Options need the driver they are for; add driver, e.g. json-file.');
  return undefined;
};
