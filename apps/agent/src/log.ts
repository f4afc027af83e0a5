import { escapeControlsInJson } from '@portreeve/domain';
import { pino } from 'pino';
import { env } from './env.ts';

export const log = pino(
  {
    name: 'portreeve-agent',
    level: env.logLevel,
    hooks: { streamWrite: escapeControlsInJson },
    redact: ['token', 'password', '*.token', '*.password'],
  },
  // What waits to be written when the reader is gone would be tried for ever at exit: the process would stay.
  pino.destination({ fd: 1, sync: true }),
);
export type Log = typeof log;
