import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { env } from './env.ts';
import { readNamed } from './files.ts';

/** What `login` remembers, in a file that only its owner reads. */
const Settings = z.object({ url: z.string(), token: z.string().optional(), caPem: z.string().optional() });
export type Settings = z.infer<typeof Settings>;

const remembered = (): Settings | undefined => {
  try {
    return Settings.parse(JSON.parse(readFileSync(env.configFile, 'utf8')));
  } catch {
    return undefined;
  }
};

export const remember = (settings: Settings): void => {
  mkdirSync(dirname(env.configFile), { recursive: true, mode: 0o700 });
  writeFileSync(`${env.configFile}.new`, JSON.stringify(settings, null, 2), { mode: 0o600 });
  renameSync(`${env.configFile}.new`, env.configFile);
};

/** What `logout` leaves: the console and the CA by which it is trusted, which are no secrets. */
export const forgetToken = (): void => {
  const kept = remembered();
  if (kept?.token !== undefined) remember({ ...kept, token: undefined });
};

const DEFAULT_URL = 'http://127.0.0.1:7400';

/** Environment first, then what `login` remembered for the same server. A token never goes to another server. */
export const settings = (): { url: string; token?: string; caPem?: string } => {
  const kept = remembered();
  const url = (env.url ?? kept?.url ?? DEFAULT_URL).replace(/\/+$/, '');
  const same = kept?.url === url ? kept : undefined;
  return {
    url,
    token: env.token ?? same?.token,
    caPem:
      env.caFile === undefined ? same?.caPem : readNamed(env.caFile, '--ca or PORTREEVE_CA_FILE').toString(),
  };
};
