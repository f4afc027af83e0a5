// `npm run lab`: see e2e/lab/README.md. npm has put the supported Node first on the path.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../e2e/lab/cli.ts', import.meta.url));
const lab = spawn('node', [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the lab by the terminal, TERM only by us; either way it takes its time to clean up.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => lab.kill('SIGTERM'));
lab.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
