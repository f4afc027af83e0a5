import { isWithin } from './ids.ts';

/** An absolute path without `.`, `..`, doubled or closing slashes. */
export const normalPath = (path: string): string => {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
};

/** Sockets that command an engine; who has one has the host. */
const SOCKETS = [
  '/run/docker.sock',
  '/run/podman/podman.sock',
  '/run/containerd/containerd.sock',
  '/run/docker',
];

/**
 * Whether a path of a host is, holds or leads to a socket that commands its engine. Judges the text alone: what a
 * link of the host makes of it only that host knows, so the agent asks again with the resolved path.
 */
export const reachesEngine = (source: string): boolean => {
  const path = normalPath(source);
  const real = isWithin(path, '/var/run') ? path.slice('/var'.length) : path;
  // Every process's root and files are under /proc, the engine's too; /var leads there by its link to /run.
  if (real === '/' || real === '/var' || isWithin(real, '/proc')) return true;
  return (
    SOCKETS.some((socket) => isWithin(socket, real) || isWithin(real, socket)) ||
    /\/(docker|podman|containerd)[\w.-]*\.sock$/.test(real)
  );
};

/**
 * What of the host a volume of the engine's `local` driver really is: a folder bound in disguise, something else that
 * is mounted, or undefined for a plain volume.
 */
export const disguiseOf = (
  driver: string,
  options: Readonly<Record<string, string>>,
): { kind: 'bind'; source: string } | { kind: 'other'; what: string } | undefined => {
  if (driver !== 'local') return { kind: 'other', what: `a volume of the driver ${driver}` };
  const { type = '', o = '', device } = options;
  if (device === undefined && type === '' && o === '') return undefined;
  const isBind = o.split(',').some((option) => /^r?bind$/.test(option.trim()));
  if (isBind && device?.startsWith('/')) return { kind: 'bind', source: normalPath(device) };
  return { kind: 'other', what: `a mount of ${device ?? 'nothing'} (${type || o})` };
};
