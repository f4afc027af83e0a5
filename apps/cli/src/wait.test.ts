import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { env } from './env.ts';
import { waitForRollouts } from './wait.ts';

/** What the console does, one ask after another. */
type Deed = (response: ServerResponse) => void;
const answer =
  (status: number, body: object): Deed =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
const rollout = (state: string): Deed => answer(200, { state, next: '', serviceName: 'web', reason: '' });
const hangUp: Deed = (response) => response.destroy();

let close: (() => void) | undefined;
afterEach(() => {
  close?.();
  process.exitCode = undefined;
});

const consoleThat = async (...deeds: Deed[]): Promise<void> => {
  const server = createServer((_, response) => deeds.shift()?.(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  env.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => server.close();
};

test('who waits for a rollout outlives a server that is killed and a database that is away', async () => {
  await consoleThat(
    rollout('running'),
    hangUp,
    answer(503, { code: 'database.unavailable', detail: 'The database is away.' }),
    rollout('succeeded'),
  );
  await waitForRollouts(['r1']);
  expect(process.exitCode).toBeUndefined();
});

test('who waits for a rollout that may not be seen is told so at once', async () => {
  await consoleThat(answer(403, { code: 'permission.missing', detail: 'You may not.' }));
  await expect(waitForRollouts(['r1'])).rejects.toThrow('You may not.');
});
