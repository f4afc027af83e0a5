#!/usr/bin/env -S node --
// The two dashes are for Node: it would take our --env-file for its own, wherever it stands.
// The command line is TypeScript as it is; a Node that cannot run it says so before a stack trace does.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  const { spawnSync } = await import('node:child_process');
  const { createRequire } = await import('node:module');
  const node = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/bin/node`);
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  process.exit(spawnSync(node, ['--', main, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1);
}
await import('../src/main.ts');
