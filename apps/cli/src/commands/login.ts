import { hostname, userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { routes } from '@portreeve/contract';
import type { Command } from 'commander';
import { call } from '../client.ts';
import { env } from '../env.ts';
import { bold, line, safe } from '../print.ts';
import { remember, settings } from '../settings.ts';

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
