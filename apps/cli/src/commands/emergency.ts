import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

const ADMIN = fileURLToPath(new URL('../../../../scripts/admin.mjs', import.meta.url));

/** For the server's own host, where the data folder is: they work with the server up or down, and without signing in. */
export const emergencyCommands = (program: Command): void => {
  program
    .command('reset-password [name]')
    .description("on the server's own host: make a new one-time password for the local administrator")
    .option('--revoke-tokens', 'end its tokens too, as after a break-in', false)
    .option('--data <folder>', 'data folder of the server')
    .action((name: string | undefined, options: { revokeTokens: boolean; data?: string }) => {
      const data = options.data === undefined ? [] : ['--data', options.data];
      const tokens = options.revokeTokens ? ['--revoke-tokens'] : [];
      const args = [ADMIN, 'reset-password', ...(name === undefined ? [] : [name]), ...tokens, ...data];
      process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
    });
};
