import { readFileSync } from 'node:fs';
import { type ImageConfig, seconds } from './config.ts';
import { busyboxFiles, type ImageFile } from './files.ts';

/** How a version of the test application behaves; each is a tag of the image `web`. */
export type WebTag = 'good' | 'good2' | 'good3' | 'slow' | 'never-healthy' | 'crash' | 'oom' | 'ignore-term';

/** All of them. */
export const WEB_TAGS: readonly WebTag[] = [
  'good',
  'good2',
  'good3',
  'slow',
  'never-healthy',
  'crash',
  'oom',
  'ignore-term',
];

/** The root they share; they differ in their environment only. */
export function webFiles(): ImageFile[] {
  return [
    ...busyboxFiles(),
    { path: '/app/init', content: script('web/init.sh'), mode: 0o755 },
    { path: '/app/handle', content: script('web/handle.sh'), mode: 0o755 },
  ];
}

/** What makes a version what it is. */
export function webConfig(tag: WebTag): ImageConfig {
  const mode = tag.startsWith('good') ? 'good' : tag;
  return {
    Entrypoint: ['/app/init'],
    Env: ['PATH=/bin', 'PORT=8080', `MODE=${mode}`, `VERSION=${tag}`],
    ExposedPorts: { '8080/tcp': {} },
    Labels: { 'org.opencontainers.image.title': 'web', 'org.opencontainers.image.version': tag },
    Healthcheck: {
      // Without `-T`: with it, Debian's static busybox crashes here.
      Test: ['CMD-SHELL', 'wget -q -O /dev/null "http://127.0.0.1:$PORT/healthz"'],
      Interval: seconds(1),
      Timeout: seconds(3),
      Retries: 3,
      ...(tag === 'slow' ? { StartPeriod: seconds(20) } : {}),
    },
  };
}

function script(path: string): Buffer {
  return readFileSync(new URL(path, import.meta.url));
}
