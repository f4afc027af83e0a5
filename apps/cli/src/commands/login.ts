import { hostname, userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, routes } from '@portreeve/contract';
import type { Command } from 'commander';
import { call } from '../client.ts';
import { env } from '../env.ts';
import { bold, line, safe } from '../print.ts';
import { forgetToken, remember, settings } from '../settings.ts';

const waitForPerson = async (deviceCode: string, intervalSeconds: number, until: number): Promise<string> => {
  while (Date.now() < until) {
    await pause(intervalSeconds * 1_000);
    const answer = await call(routes.session.devicePoll, { body: { deviceCode } });
    if (answer.state === 'confirmed') return answer.token;
    if (answer.state === 'refused') throw new Error('The sign-in was refused in the browser.');
  }
  throw new Error('Nobody confirmed the code in time: run `portreeve login` again.');
};

/** Sign-in by a code that a person confirms in the browser: no password and no token is ever typed here. */
export const loginCommand = (program: Command): void => {
  program
    .command('login')
    .description('sign in with the browser')
    .option('--server <url>', 'address of the console')
    .option('--ca <file>', "certificate of the cluster's CA")
    .action(async (options: { server?: string; ca?: string }) => {
      if (options.server !== undefined) env.url = options.server;
      if (options.ca !== undefined) env.caFile = options.ca;
      const { url, caPem } = settings();
      const start = await call(routes.session.deviceStart, {
        body: { description: `${userInfo().username} at ${hostname()}` },
      });
      line(
        `Open ${bold(`${url}${start.verificationPath}`)} and confirm the code ${bold(safe(start.userCode))}.`,
      );
      const token = await waitForPerson(
        start.deviceCode,
        start.intervalSeconds,
        Date.now() + start.expiresInSeconds * 1_000,
      );
      // The CA that was kept is kept: it was by it that this sign-in trusted the console.
      remember({ url, token, caPem });
      line(`Signed in. The token is kept in ${env.configFile}.`);
    });
};

/** One that is revoked or expired already is forgotten all the same; one that nobody could revoke is kept, to be tried again. */
const revokeOwn = async (): Promise<string> => {
  try {
    await call(routes.session.signOut, {});
    return 'Signed out: the token is revoked, and those that were made with it.';
  } catch (error) {
    if (error instanceof ApiError && error.code === 'auth.required')
      return 'Signed out: the token was of no use any more.';
    throw error;
  }
};

/** Undoes `login`: the token ends at the server first, then here. */
export const logoutCommand = (program: Command): void => {
  program
    .command('logout')
    .description('revoke the token of this command line and forget it')
    .action(async () => {
      if (env.token !== undefined)
        throw new Error(
          'PORTREEVE_TOKEN is set: that token is not of `login`. Unset it, or revoke it in the console.',
        );
      const { url, token } = settings();
      if (token === undefined) return line(`Not signed in at ${url}.`);
      const told = await revokeOwn();
      forgetToken();
      line(told);
    });
};
