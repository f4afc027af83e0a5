import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { faultInWords } from './network-fault.ts';

const failing = (options: { host: string; port: number }): Promise<unknown> =>
  new Promise((resolve) => {
    connect(options).once('error', resolve);
  });

it.each([
  [
    'a name that nobody has',
    { host: 'nobody.invalid', port: 443 },
    /^its name (is not known here|could not be looked up)$/,
  ],
  ['a port on which nothing listens', { host: '127.0.0.1', port: 1 }, /^nothing listens there$/],
])('says in words what is wrong with %s', async (_, options, words) => {
  expect(faultInWords(await failing(options))).toMatch(words);
});

it.each([
  [
    'what a library wrapped',
    new Error('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) }),
    'it broke the connection off',
  ],
  [
    'all addresses of one name',
    new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })]),
    'nothing listens there',
  ],
  [
    'a deadline',
    AbortSignal.abort(new DOMException('late', 'TimeoutError')).reason,
    'it did not answer in time',
  ],
  ['what it has no words for', new Error('a strange thing'), 'a strange thing'],
])('finds the cause in %s', (_, error, words) => {
  expect(faultInWords(error)).toBe(words);
});
