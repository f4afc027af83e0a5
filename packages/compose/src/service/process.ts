import { splitCommand } from '../command-line.ts';
import { member, type Spot, wrong } from '../tree.ts';
import {
  asBoolean,
  asDuration,
  asOneOf,
  asText,
  asTexts,
  present,
  shown,
  textSpots,
  textsOf,
} from '../values.ts';
import { readHealthcheck } from './health.ts';
import { isHostName } from './networks.ts';
import { labelsOf } from './pairs.ts';
import { MAX_PORTS, portsOf, readRange } from './ports.ts';
import type { SpecPart } from './world.ts';

const PULL = { always: 'always', missing: 'missing', if_not_present: 'missing', never: 'never' } as const;

/** What runs and how it is started, told apart and stopped. */
export const readProcess = (service: Spot): SpecPart => {
  const pull = asOneOf(member(service, 'pull_policy'), Object.keys(PULL) as (keyof typeof PULL)[]);
  return {
    ...present({
      pullPolicy: pull && PULL[pull],
      platform: matching(
        member(service, 'platform'),
        /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9.]+)?$/,
        'platform',
        'linux/amd64',
      ),
      command: readCommand(member(service, 'command')),
      entrypoint: readCommand(member(service, 'entrypoint')),
      workingDir: matching(member(service, 'working_dir'), /^\/[^\0]*$/, 'absolute path', '/app'),
      user: asText(member(service, 'user')),
      hostname: readHostName(member(service, 'hostname')),
      domainname: readHostName(member(service, 'domainname')),
      init: asBoolean(member(service, 'init')),
      tty: asBoolean(member(service, 'tty')),
      stdinOpen: asBoolean(member(service, 'stdin_open')),
      readOnly: asBoolean(member(service, 'read_only')),
      stopSignal: matching(
        member(service, 'stop_signal'),
        /^(SIG[A-Z0-9]+([+-]\d{1,2})?|[A-Z]+\d?|\d{1,2})$/,
        'signal',
        'SIGTERM',
      ),
      stopGraceMs: asDuration(member(service, 'stop_grace_period')),
      healthcheck: readHealthcheck(service),
    }),
    groupAdd: textsOf(service, 'group_add'),
    expose: readExpose(member(service, 'expose')),
    labels: labelsOf(member(service, 'labels')),
  };
};

const matching = (
  at: Spot | undefined,
  pattern: RegExp,
  what: string,
  example: string,
): string | undefined => {
  const text = asText(at);
  if (at && text !== undefined && !pattern.test(text)) {
    wrong(at, `“${shown(text)}” is no ${what}; write it like ${example}.`);
  }
  return text;
};

const readCommand = (at: Spot | undefined): string[] | undefined => {
  const line = asText(at);
  if (at === undefined) return undefined;
  if (line === undefined) return asTexts(at);
  const split = splitCommand(line);
  if ('words' in split) return split.words;
  wrong(at, split.problem);
  return undefined;
};

const readHostName = (at: Spot | undefined): string | undefined => {
  const text = asText(at);
  if (at === undefined || text === undefined || isHostName(text)) return text;
  wrong(at, `“${shown(text)}” is no host name; use letters, digits, dots and hyphens, no templates.`);
  return undefined;
};

/** Each port of a range by itself: engines take no ranges here. */
const readExpose = (at: Spot | undefined): string[] => {
  const exposed = new Set<string>();
  for (const { text, at: item } of textSpots(at)) {
    const [, ports = '', protocol = 'tcp'] = /^([\d-]+)(?:\/(tcp|udp))?$/.exec(text) ?? [];
    const range = readRange(ports);
    if (!range) {
      wrong(item, `“${shown(text)}” is no port to expose; write it like 3000 or 3000-3005/udp.`);
      continue;
    }
    for (const port of portsOf(range)) exposed.add(`${port}/${protocol}`);
    if (exposed.size <= MAX_PORTS) continue;
    wrong(item, `With this the service exposes more than ${MAX_PORTS} ports; expose fewer.`);
    return [];
  }
  return [...exposed];
};
