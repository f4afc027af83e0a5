import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

const ADMIN = fileURLToPath(new URL('../../../../scripts/admin.mjs', import.meta.url));

const onThisHost = (args: readonly string[], data: string | undefined): void => {
  const all = [ADMIN, ...args, ...(data === undefined ? [] : ['--data', data])];
  process.exitCode = spawnSync(process.execPath, all, { stdio: 'inherit' }).status ?? 1;
};

/** For the server's own host, where the data folder is: they work with the server up or down, and without signing in. */
export const emergencyCommands = (program: Command): void => {
  program
    .command('reset-password [name]')
    .description("on the server's own host: make a new one-time password for the local administrator")
    .option('--revoke-tokens', 'end its tokens too, as after a break-in', false)
    .option('--data <folder>', 'data folder of the server')
    .action((name: string | undefined, options: { revokeTokens: boolean; data?: string }) => {
      const tokens = options.revokeTokens ? ['--revoke-tokens'] : [];
      onThisHost(['reset-password', ...(name === undefined ? [] : [name]), ...tokens], options.data);
    });
  program
    .command('recovery-administrator [name]')
    .description("on the server's own host: make a local administrator, for when nobody who may is left")
    .option('--data <folder>', 'data folder of the server')
    .action((name: string | undefined, options: { data?: string }) => {
      onThisHost(['recovery-administrator', ...(name === undefined ? [] : [name])], options.data);
    });
  program
    .command('verify-audit [files...]')
    .description(
      "on the server's own host: check the audit and its archives, without a server that could lie",
    )
    .option('--checkpoint <number:hash>', 'a place in the chain that was kept elsewhere')
    .option('--data <folder>', 'data folder of the server')
    .action((files: string[], options: { checkpoint?: string; data?: string }) => {
      const kept = options.checkpoint === undefined ? [] : ['--checkpoint', options.checkpoint];
      onThisHost(['verify-audit', ...files, ...kept], options.data);
    });
};
