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

/** Structured log on standard output. Secrets are cut by name, one level and two levels deep, whoever logs them. */
export const createLog = (level: string, name: string): Log =>
  pino({
    level,
    base: { process: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]).concat([
        'headers["x-portreeve-page"]',
        '*.headers["x-portreeve-page"]',
      ]),
      censor: '[redacted]',
    },
  });
