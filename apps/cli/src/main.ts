import { Command } from 'commander';
import { accessCommands } from './commands/access.ts';
import { auditCommands } from './commands/audit.ts';
import { changeCommands } from './commands/change.ts';
import { deployCommands } from './commands/deploy.ts';
import { emergencyCommands } from './commands/emergency.ts';
import { listCommands } from './commands/list.ts';
import { loginCommand, logoutCommand } from './commands/login.ts';
import { logsCommand } from './commands/logs.ts';
import { printError } from './print.ts';

const program = new Command('portreeve').description("Portreeve's verbs for a terminal and for CI.");
loginCommand(program);
logoutCommand(program);
deployCommands(program);
listCommands(program);
logsCommand(program);
changeCommands(program);
accessCommands(program);
auditCommands(program);
emergencyCommands(program);

/** What a program that SIGPIPE ends is seen to end with: whoever read us has enough, and nothing is claimed. */
const BROKEN_PIPE = 141;
process.stdout.on('error', () => process.exit(BROKEN_PIPE));

program.parseAsync().catch((error: unknown) => {
  printError(error);
  process.exitCode = 1;
});
