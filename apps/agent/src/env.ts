import { existsSync } from 'node:fs';

const SOCKETS = ['/var/run/docker.sock', '/run/docker.sock', '/run/podman/podman.sock'];

const fromDockerHost = (): string | undefined => {
  const host = process.env.DOCKER_HOST;
  return host?.startsWith('unix://') ? host.slice('unix://'.length) : undefined;
};

/** What the agent takes from its surroundings; the only reader of process.env. Arguments win over it. */
export const env = {
  stateDir: process.env.PORTREEVE_AGENT_STATE ?? '/var/lib/portreeve-agent',
  dockerSocket: fromDockerHost() ?? SOCKETS.find((path) => existsSync(path)) ?? '/var/run/docker.sock',
  path: process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  logLevel: process.env.PORTREEVE_AGENT_LOG ?? 'info',
};

/**
 * The environment to start this program anew with, so that the C library keeps one pool of memory instead of one
 * per thread (5 MB less); undefined when it has it already.
 */
export const leanEnvironment = (): NodeJS.ProcessEnv | undefined =>
  process.env.MALLOC_ARENA_MAX === undefined ? { ...process.env, MALLOC_ARENA_MAX: '1' } : undefined;
