import { homedir } from 'node:os';
import { join } from 'node:path';

/** The only reader of the environment. A token is given here or by `login`, never as an argument. */
export const env = {
  url: process.env.PORTREEVE_URL,
  token: process.env.PORTREEVE_TOKEN,
  caFile: process.env.PORTREEVE_CA_FILE,
  project: process.env.PORTREEVE_PROJECT,
  configFile:
    process.env.PORTREEVE_CONFIG ??
    join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'portreeve', 'cli.json'),
  colour: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
};
