import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readEnv } from '../env.ts';
import { readFlags } from './flags.ts';

test('a data folder named relative to here is the same one for processes that work elsewhere', () => {
  expect(readFlags(['--data', 'portreeve'], readEnv({})).data).toBe(resolve('portreeve'));
  const env = readEnv({ PORTREEVE_DATA: './portreeve' });
  expect(readFlags([], env).data).toBe(resolve('portreeve'));
  expect(env.PORTREEVE_KEY_FILE).toBe(resolve('portreeve/cluster.key'));
});

test('a certificate for the console is named by a flag or by the environment', () => {
  const env = readEnv({ PORTREEVE_TLS_CERT: '/etc/a.pem', PORTREEVE_TLS_KEY: '/etc/a.key' });
  expect(readFlags([], env)).toMatchObject({ tlsCert: '/etc/a.pem', tlsKey: '/etc/a.key' });
  const flags = readFlags(['--tls-cert', 'b.pem', '--tls-key', 'b.key'], env);
  expect(flags).toMatchObject({ tlsCert: 'b.pem', tlsKey: 'b.key' });
});
