import { normalPath, type ServiceSpec } from '@portreeve/domain';
import { CAPABILITIES } from '../capabilities.ts';
import { nearest } from '../did-you-mean.ts';
import { entriesOf, itemsOf, member, type Spot, wrong } from '../tree.ts';
import { asBoolean, asBytes, asIntegerIn, asOneOf, asText, present, shown, textSpots } from '../values.ts';
import { recordOf } from './pairs.ts';
import type { SpecPart } from './world.ts';

/** What separates the container from its host, and what is let through. Names are normalised, so that rules see what is meant. */
export const readIsolation = (service: Spot): SpecPart => ({
  ...present({
    privileged: asBoolean(member(service, 'privileged')),
    shmBytes: asBytes(member(service, 'shm_size')),
    oomScoreAdj: asIntegerIn(member(service, 'oom_score_adj'), -1_000, 1_000),
    pid: readPid(member(service, 'pid')),
    ipc: readIpc(member(service, 'ipc')),
  }),
  capAdd: readCapabilities(member(service, 'cap_add')),
  capDrop: readCapabilities(member(service, 'cap_drop')),
  devices: itemsOf(member(service, 'devices')).flatMap(readDevice),
  securityOpt: textSpots(member(service, 'security_opt')).flatMap(readSecurityOpt),
  sysctls: recordOf(member(service, 'sysctls')),
  ulimits: Object.fromEntries(entriesOf(member(service, 'ulimits')).flatMap(readUlimit)),
});

const readCapabilities = (at: Spot | undefined): string[] => {
  const names = textSpots(at).flatMap(({ text, at: item }) => {
    const name = text.toUpperCase().replace(/^CAP_/, '');
    if (name === 'ALL' || CAPABILITIES.has(name)) return [name];
    const meant = nearest(name, CAPABILITIES);
    wrong(item, `There is no capability ${shown(text)}; ${meant ? `did you mean ${meant}?` : 'remove it.'}`);
    return [];
  });
  return [...new Set(names)];
};

const readPid = (at: Spot | undefined): 'host' | undefined => {
  if (at === undefined || asText(at) === 'host') return at && 'host';
  wrong(at, 'Only pid: host is supported; remove it, or run both programs in one container.');
  return undefined;
};

const readIpc = (at: Spot | undefined): ServiceSpec['ipc'] | undefined => {
  if (!/^(service|container):/.test(asText(at) ?? '')) {
    return asOneOf(at, ['private', 'host', 'shareable', 'none'] as const);
  }
  if (at) wrong(at, 'Tasks do not share memory with another; run both programs in one container.');
  return undefined;
};

type Device = ServiceSpec['devices'][number];

const readDevice = (at: Spot): Device[] => {
  const short = asText(at);
  const [source = '', target = source, permissions = 'rwm'] =
    short === undefined
      ? [asText(member(at, 'source')), asText(member(at, 'target')), asText(member(at, 'permissions'))]
      : shortDevice(short);
  if (source.startsWith('/') && target.startsWith('/') && /^[rwm]{1,3}$/.test(permissions)) {
    return [{ source: normalPath(source), target: normalPath(target), permissions }];
  }
  wrong(at, `“${shown(short ?? source)}” is no device file; write it like /dev/ttyUSB0:/dev/ttyUSB0:rw.`);
  return [];
};

const shortDevice = (text: string): (string | undefined)[] => {
  const [source, second, third, ...rest] = text.split(':');
  if (rest.length > 0) return [text];
  return second !== undefined && third === undefined && /^[rwm]+$/.test(second)
    ? [source, source, second]
    : [source, second, third];
};

const SECURITY = new Set(['seccomp', 'apparmor', 'label', 'no-new-privileges']);

const readSecurityOpt = ({ text, at }: { text: string; at: Spot }): string[] => {
  const [, name = '', value = ''] = /^([^=:]*)[=:]?(.*)$/s.exec(text) ?? [];
  if (name === 'no-new-privileges' && ['', 'true', 'false'].includes(value))
    return [`${name}=${value || 'true'}`];
  if (!SECURITY.has(name) || name === 'no-new-privileges' || value === '') {
    wrong(at, `“${shown(text)}” is not supported; use no-new-privileges, seccomp=…, apparmor=… or label=….`);
    return [];
  }
  if (name === 'seccomp' && value !== 'unconfined' && value !== 'builtin') {
    wrong(
      at,
      'A seccomp profile of its own is not supported; remove it, or write seccomp=unconfined, which needs a permission.',
    );
    return [];
  }
  return [`${name}=${value}`];
};

/** Names of limits that engines know (go-units, `ulimitNameMapping`). */
const ULIMITS = new Set(
  ['core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss'].concat([
    'rtprio',
    'rttime',
    'sigpending',
    'stack',
  ]),
);

const readUlimit = ([name, at]: [string, Spot]): [string, { soft: number; hard: number }][] => {
  if (!ULIMITS.has(name)) {
    const meant = nearest(name, ULIMITS);
    wrong(at, `There is no limit ${shown(name)}; ${meant ? `did you mean ${meant}?` : 'remove it.'}`);
  }
  const both = asIntegerIn(at, -1);
  const [soft, hard] = [
    both ?? asIntegerIn(member(at, 'soft'), -1),
    both ?? asIntegerIn(member(at, 'hard'), -1),
  ];
  if (soft === undefined || hard === undefined) return [];
  if (hard !== -1 && (soft > hard || soft === -1)) {
    wrong(at, `The soft limit of ${shown(name)} is above the hard one; lower it.`);
  }
  return [[name, { soft, hard }]];
};
