import { isSea } from 'node:sea';

/** How this very program is started again: the one file, or Node with the script it runs. */
export const ownCommand = (args: readonly string[]): { command: string; args: string[] } => ({
  command: process.execPath,
  args: isSea() ? [...args] : [process.argv[1] ?? '', ...args],
});
