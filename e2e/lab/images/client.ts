import type { ImageConfig } from './config.ts';
import { busyboxFiles, type ImageFile, programFiles } from './files.ts';

const IDLE =
  '#!/bin/sh\n# Does nothing until it is told to end.\ntrap "exit 0" TERM INT\nwhile :; do sleep 3600 & wait $!; done\n';

/**
 * A container to look at networks from. `curl` and `getent` use the C library's resolver; busybox
 * is no DNS client in an image from scratch.
 */
export function clientFiles(): ImageFile[] {
  return [
    ...busyboxFiles(),
    ...programFiles(['/usr/bin/curl', '/usr/bin/getent']),
    { path: '/app/idle', content: IDLE, mode: 0o755 },
  ];
}

/** Idles by default. */
export const CLIENT_CONFIG: ImageConfig = {
  Cmd: ['/app/idle'],
  Env: ['PATH=/usr/bin:/bin'],
  Labels: { 'org.opencontainers.image.title': 'client' },
};
