import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DomainError } from '@portreeve/domain';
import { z } from 'zod';

const List = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
const Port = z.coerce.number().int().min(0).max(65_535);

/** Empty counts as not set. */
const DatabaseUrl = z
  .string()
  .optional()
  .refine((url) => !url || URL.canParse(url), 'write it like postgresql://user:password@host:5432/database')
  .transform((url) => url || undefined);

const Env = z.object({
  PORTREEVE_DATA: z.string().optional(),
  PORTREEVE_KEY_FILE: z.string().optional(),
  PORTREEVE_CLUSTER_NAME: z.string().default('portreeve'),
  PORTREEVE_HOST: z.string().default('127.0.0.1'),
  PORTREEVE_PORT: Port.default(7400),
  PORTREEVE_AGENT_HOST: z.string().default('127.0.0.1'),
  PORTREEVE_AGENT_PORT: Port.default(7401),
  /** Names and addresses by which other machines reach this server. */
  PORTREEVE_ADVERTISE: List,
  PORTREEVE_TLS: z.enum(['none', 'cluster', 'files']).default('none'),
  PORTREEVE_TLS_CERT: z.string().optional(),
  PORTREEVE_TLS_KEY: z.string().optional(),
  PORTREEVE_WEB: z.enum(['none', 'built', 'dev']).default('built'),
  PORTREEVE_LOG: z.string().default('info'),
  /** The application role's; the owner's is read by the migration alone. */
  DATABASE_URL: DatabaseUrl,
  DATABASE_OWNER_URL: DatabaseUrl,
  DOCKER_HOST: z.string().optional(),
  XDG_RUNTIME_DIR: z.string().optional(),
});

export type Env = Omit<z.infer<typeof Env>, 'PORTREEVE_DATA' | 'PORTREEVE_KEY_FILE'> & {
  PORTREEVE_DATA: string;
  PORTREEVE_KEY_FILE: string;
};

const defaultDataFolder = (): string =>
  process.getuid?.() === 0 ? '/var/lib/portreeve' : join(homedir(), '.local/share/portreeve');

/** The one reader of the environment. Says which variable is wrong. */
export const readEnv = (source: NodeJS.ProcessEnv = process.env): Env => {
  const result = Env.safeParse(source);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new DomainError(
      'request.invalid',
      `The variable ${issue?.path.join('.')} is not valid: ${issue?.message}.`,
    );
  }
  const data = resolve(result.data.PORTREEVE_DATA || defaultDataFolder());
  return {
    ...result.data,
    PORTREEVE_DATA: data,
    PORTREEVE_KEY_FILE: result.data.PORTREEVE_KEY_FILE ?? join(data, 'cluster.key'),
  };
};

/** The environment for a child process: ours, with some variables added or (when undefined) taken away. */
export const childEnvironment = (change: Record<string, string | undefined>): NodeJS.ProcessEnv => {
  const { DATABASE_OWNER_URL: _, ...inherited } = process.env;
  return { ...inherited, ...change };
};
