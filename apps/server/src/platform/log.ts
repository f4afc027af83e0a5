import { escapeControlsInJson } from '@portreeve/domain';
import { type Logger, pino } from 'pino';

export type Log = Logger;

const SECRET_KEYS = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'pageSecret',
  'current',
  'next',
  'key',
];

/** Waits in memory while the disk is full; more than this is lost. */
const WAITING_BYTES = 1024 * 1024;

const toOutput = () => {
  const output = pino.destination({ fd: 1, sync: true, maxLength: WAITING_BYTES });
  // Where the log is a file, its disk may be full: unheard, that would end the server.
  output.on('error', () => {});
  return output;
};

/** Structured log on standard output. Secrets are cut by name, one level and two levels deep, whoever logs them. */
export const createLog = (level: string, name: string): Log =>
  pino(
    {
      level,
      base: { process: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: escapeControlsInJson },
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]).concat([
          'headers["x-portreeve-page"]',
          '*.headers["x-portreeve-page"]',
        ]),
        censor: '[redacted]',
      },
    },
    // What waits to be written when the reader is gone would be tried for ever at exit: the process would stay.
    toOutput(),
  );

const PLAIN_SEGMENT = /^(?:[\w.~%-]{0,30}|[0-9a-f-]{36})$/;

/**
 * A request's path as a log may keep it: without its query, and without segments that may be more than a word or
 * an id: people paste tokens into addresses.
 */
export const pathInLog = (url: string): string =>
  (url.split('?')[0] ?? '')
    .split('/')
    .map((segment) => (PLAIN_SEGMENT.test(segment) ? segment : '…'))
    .join('/');
