// `npm run check`: types, lint and format, directions of imports, unused code. Each is one line, and its output when it fails.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkCases } from './cases.mjs';
import { checkImports } from './imports.mjs';
import { environment, installDependencies, ROOT } from './node.mjs';

const program = (name, command, args) => ({
  name,
  run: () => {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: ROOT,
      env: environment(),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
  },
});

const CHECKS = [
  program('the database client is generated', 'node', ['scripts/prisma-generate.mjs', '--quiet']),
  program('types', 'tsc', ['--noEmit', '-p', '.']),
  ...(existsSync(join(ROOT, 'apps/web/tsconfig.json'))
    ? [program('types of the console', 'tsc', ['--noEmit', '-p', 'apps/web'])]
    : []),
  program('lint and format', 'biome', ['check', '--max-diagnostics=40', '.']),
  {
    name: 'directions of imports',
    run: () => {
      const problems = checkImports();
      return { ok: problems.length === 0, output: problems.join('\n') };
    },
  },
  {
    name: 'due cases have tests',
    run: () => {
      const problems = checkCases();
      return { ok: problems.length === 0, output: problems.join('\n') };
    },
  },
  program('unused code', 'knip', ['--no-progress']),
];

/** Runs all of them; returns how many passed and failed. */
export const runChecks = () => {
  let failed = 0;
  for (const { name, run } of CHECKS) {
    const began = performance.now();
    const { ok, output } = run();
    process.stdout.write(
      `${ok ? '✓' : '×'} ${name} (${((performance.now() - began) / 1_000).toFixed(1)} s)\n`,
    );
    if (ok) continue;
    failed += 1;
    process.stdout.write(`${output.trim().slice(0, 20_000)}\n`);
  }
  return { passed: CHECKS.length - failed, failed, skipped: 0 };
};

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  installDependencies();
  process.exit(runChecks().failed === 0 ? 0 : 1);
}
