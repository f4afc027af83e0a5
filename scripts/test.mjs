// `npm test`: installs what tests need, then checks, unit tests, tests against PostgreSQL and engines, and journeys.
// Parts by name, for a person in a hurry: `npm test -- checks unit database engine journeys`.
import { spawnSync } from 'node:child_process';
import { environment, installDependencies, ROOT } from './node.mjs';
import { installPackages } from './packages.mjs';

installDependencies();
installPackages([
  { name: 'chromium', file: '/usr/bin/chromium' },
  { name: 'fonts-dejavu-core', file: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
  { name: 'docker.io', file: '/usr/sbin/dockerd' },
  { name: 'binutils', file: '/usr/bin/strip' },
  { name: 'curl', file: '/usr/bin/curl' },
  { name: 'procps', file: '/usr/bin/ps' },
  { name: 'podman', file: '/usr/bin/podman' },
  { name: 'crun', file: '/usr/bin/crun' },
  { name: 'netavark', file: '/usr/lib/podman/netavark' },
  { name: 'aardvark-dns', file: '/usr/lib/podman/aardvark-dns' },
  { name: 'slapd', file: '/usr/sbin/slapd' },
  { name: 'samba', file: '/usr/sbin/samba' },
  { name: 'samba-ad-provision', file: '/usr/share/samba/setup/provision.ldif' },
  { name: 'samba-dsdb-modules', file: '/usr/share/doc/samba-dsdb-modules' },
  { name: 'samba-vfs-modules', file: '/usr/share/doc/samba-vfs-modules' },
  { name: 'winbind', file: '/usr/sbin/winbindd' },
  { name: 'ldb-tools', file: '/usr/bin/ldbadd' },
]);
const { runChecks } = await import('./check.mjs');
const { conclude, runPlaywright, runVitest, sum } = await import('./runs.mjs');

const asked = process.argv.slice(2);
const wants = (part) => asked.length === 0 || asked.includes(part);
const failed = (name) => ({ passed: 0, failed: 1, skipped: 0, slow: [{ name, ms: 0 }] });

/** What the product builds at its start, built the same way. */
const build = (what) => {
  const { status } = spawnSync('node', ['apps/server/src/supervisor/build-main.ts', ...what], {
    cwd: ROOT,
    env: environment(),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === 0 ? [] : [failed(`building ${what.join(', ')}`)];
};

const results = [];
results.push(...build(['client']));
if (wants('checks')) results.push(runChecks());
if (wants('unit')) results.push(await runVitest(['--project', 'unit']));
if (wants('engine') || wants('journeys')) results.push(...build(['agent', 'web']));
// Side by side: engines mostly wait for their own intervals, databases for the processor.
const name = wants('engine') ? 'database' : undefined;
results.push(
  ...(await Promise.all([
    ...(wants('engine') ? [runVitest(['--project', 'engine'])] : []),
    ...(wants('database') ? [runVitest(['--project', 'database'], { name })] : []),
  ])),
);
if (wants('journeys')) results.push(await runPlaywright([]));
conclude(sum(results));
