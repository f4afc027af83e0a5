import { escapeControlsInJson } from '@portreeve/domain';
import { pino } from 'pino';
import { env } from './env.ts';

export const log = pino({
  name: 'portreeve-agent',
  level: env.logLevel,
  hooks: { streamWrite: escapeControlsInJson },
  redact: ['token', 'password', '*.token', '*.password'],
});
export type Log = typeof log;
