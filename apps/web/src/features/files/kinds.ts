import { routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';

/** Configs and secrets are handled alike; only the content of a config can be read again. */
export const FILE_KINDS = {
  config: {
    title: 'Configs',
    routes: routes.configs,
    edit: 'config.edit',
    to: paths.configs,
    teach:
      'A config is a versioned file that services mount, such as nginx.conf. A new version rolls the services that use it.',
  },
  secret: {
    title: 'Secrets',
    routes: routes.secrets,
    edit: 'secret.edit',
    to: paths.secrets,
    teach:
      'A secret is a versioned file, encrypted at rest and in memory only on the host. What is in it is never shown again.',
  },
} as const;
export type FileKind = keyof typeof FILE_KINDS;
