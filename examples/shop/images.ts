import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ImageConfig, seconds } from '../../e2e/lab/images/config.ts';
import { busyboxFiles, type ImageFile, programFiles } from '../../e2e/lab/images/files.ts';

/** Services of the shop; each has an image `shop-<role>`. */
export const SHOP_ROLES = ['web', 'api', 'cache', 'database'] as const;
export type ShopRole = (typeof SHOP_ROLES)[number];

/** Tags of each image: two good versions and one that never gets healthy. */
export const SHOP_VERSIONS = ['1', '2', 'bad'] as const;
export type ShopVersion = (typeof SHOP_VERSIONS)[number];

const PROGRAM = fileURLToPath(new URL('app/shop.pl', import.meta.url));
const PERL = '/usr/bin/perl';

/** The root that all images of the shop share, from programs of this machine; they differ in their settings only. */
export const shopFiles = (): ImageFile[] => {
  if (!existsSync(PERL)) throw new Error(`The shop needs ${PERL}; install the package perl-base.`);
  const parts = execFileSync(PERL, [PROGRAM, 'files'], { encoding: 'utf8' }).trim().split('\n');
  return [
    ...shell(),
    ...programFiles([PERL]),
    ...parts.map((path) => ({ path, from: path, mode: 0o644 })),
    { path: '/app/shop', content: readFileSync(PROGRAM), mode: 0o755 },
    // Open to the user that the Compose file names: a new volume takes over mode and owner.
    { path: '/data', dir: true, mode: 0o777 },
  ];
};

/** For terminals; the shop itself needs none. */
const shell = (): ImageFile[] => {
  if (existsSync('/usr/bin/busybox')) return busyboxFiles();
  return [
    ...programFiles(['/bin/sh', '/bin/ls', '/bin/cat']),
    { path: '/etc/nsswitch.conf', content: 'hosts: files dns\n' },
  ];
};

/** What makes an image the role and version it is. */
export const shopConfig = (role: ShopRole, version: ShopVersion): ImageConfig => ({
  Entrypoint: ['/app/shop'],
  Env: ['PATH=/usr/bin:/bin', `ROLE=${role}`, `VERSION=${version}`, 'PORT=8080'],
  ExposedPorts: { '8080/tcp': {} },
  Labels: { 'org.opencontainers.image.title': `shop-${role}`, 'org.opencontainers.image.version': version },
  Healthcheck: {
    Test: ['CMD', '/app/shop', 'check'],
    Interval: seconds(1),
    Timeout: seconds(3),
    Retries: 3,
  },
});
