import { escapeControlsInJson } from '@portreeve/domain';
import { pino } from 'pino';
import { env } from './env.ts';

/** Waits in memory while the disk is full; more than this is lost. */
const WAITING_BYTES = 1024 * 1024;

const output = pino.destination({ fd: 1, sync: true, maxLength: WAITING_BYTES });
// Where the log is a file, its disk may be full: unheard, that would end the agent at each line, and at each new start.
output.on('error', () => undefined);

export const log = pino(
  {
    name: 'portreeve-agent',
    level: env.logLevel,
    hooks: { streamWrite: escapeControlsInJson },
    redact: ['token', 'password', '*.token', '*.password'],
  },
  // What waits to be written when the reader is gone would be tried for ever at exit: the process would stay.
  output,
);
export type Log = typeof log;
