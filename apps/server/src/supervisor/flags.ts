import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DomainError } from '@portreeve/domain';
import type { Env } from '../env.ts';

export type Flags = {
  data: string;
  port: number;
  agentPort: number;
  advertise: string[];
  tlsCert?: string;
  tlsKey?: string;
  demo: boolean;
  /** `none` by PORTREEVE_WEB, for tests and benchmarks of the API. */
  web: Env['PORTREEVE_WEB'];
  localAgent: boolean;
  engineInstall: boolean;
};

export const USAGE = `npm run up -- [flags]
  --demo                deploys examples/shop from images that it builds itself
  --advertise <a,b>     names and addresses by which other machines reach this one: TLS on the console, agents let in
  --tls-cert <file>     a certificate for the console instead of the cluster's own, with
  --tls-key <file>
  --port <n>            of the console (7400)
  --agent-port <n>      of the agents (7401)
  --data <folder>       where everything is kept (PORTREEVE_DATA)
  --no-local-agent      no agent for this host
  --no-engine-install   never installs Docker
  --dev                 pages are compiled as they are asked for`;

const portOf = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new DomainError('request.invalid', `--${name} must be a port between 1 and 65535, not "${text}".`);
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        demo: { type: 'boolean', default: false },
        dev: { type: 'boolean', default: false },
        advertise: { type: 'string' },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        port: { type: 'string' },
        'agent-port': { type: 'string' },
        data: { type: 'string' },
        'local-agent': { type: 'boolean', default: true },
        'engine-install': { type: 'boolean', default: true },
      },
    }).values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('request.invalid', why.replace(/\.?$/, '.'), {
      hint: 'See "npm run up -- --help".',
      cause,
    });
  }
};

/** Reads the command line; what it does not name comes from the environment. */
export const readFlags = (args: readonly string[], env: Env): Flags => {
  const values = parse(args);
  if (Boolean(values['tls-cert']) !== Boolean(values['tls-key']))
    throw new DomainError('request.invalid', '--tls-cert and --tls-key go together.');
  return {
    // The database works elsewhere: what is relative to here means nothing to it.
    data: resolve(values.data ?? env.PORTREEVE_DATA),
    port: portOf('port', values.port, env.PORTREEVE_PORT),
    agentPort: portOf('agent-port', values['agent-port'], env.PORTREEVE_AGENT_PORT),
    advertise:
      values.advertise
        ?.split(',')
        .map((part) => part.trim())
        .filter(Boolean) ?? env.PORTREEVE_ADVERTISE,
    tlsCert: values['tls-cert'] ?? env.PORTREEVE_TLS_CERT,
    tlsKey: values['tls-key'] ?? env.PORTREEVE_TLS_KEY,
    demo: values.demo,
    web: values.dev ? 'dev' : env.PORTREEVE_WEB,
    localAgent: values['local-agent'],
    engineInstall: values['engine-install'],
  };
};
