// `npm run lab`: see e2e/lab/README.md. npm has put the supported Node first on the path.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../e2e/lab/cli.ts', import.meta.url));
// It is told of Ctrl-C itself, and takes its time to clean up: we must not go before it.
process.on('SIGINT', () => undefined);
process.exitCode = spawnSync('node', [cli, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
