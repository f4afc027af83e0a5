import { fileURLToPath } from 'node:url';
import { build } from './builds.ts';

/** Builds the parts named on the command line as the supervisor would. */
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
for (const what of process.argv.slice(2)) {
  if (what === 'client' || what === 'agent' || what === 'web') await build(ROOT, what).done;
  else throw new Error(`There is nothing called "${what}" to build.`);
}
