import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { DomainError } from '@portreeve/domain';
import { childEnvironment, type Env } from '../env.ts';
import { say } from './say.ts';

const SOCKET = '/var/run/docker.sock';
/** Where Debian keeps what only root runs; after a plain `su` it is missing from the caller's own. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const isRoot = (): boolean => process.getuid?.() === 0;

type Answer = 'answers' | 'forbidden' | 'silent';

/** Whether an engine answers on a socket; every Docker-compatible one knows this path. */
const ping = (socketPath: string): Promise<Answer> =>
  new Promise((resolve) => {
    const call = request({ socketPath, path: '/_ping', timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? 'answers' : 'silent');
    });
    call.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EACCES' ? 'forbidden' : 'silent'),
    );
    call.on('timeout', () => call.destroy());
    call.end();
  });

const candidates = (env: Env): string[] => {
  if (env.DOCKER_HOST) {
    if (env.DOCKER_HOST.startsWith('unix://')) return [env.DOCKER_HOST.slice('unix://'.length)];
    throw new DomainError(
      'engine.unavailable',
      `DOCKER_HOST names "${env.DOCKER_HOST}", which is no unix socket.`,
      {
        hint: "The agent works on its own host's engine: unset DOCKER_HOST, or give it a unix:// address.",
      },
    );
  }
  const own = env.XDG_RUNTIME_DIR
    ? ['docker.sock', 'podman/podman.sock'].map((name) => `${env.XDG_RUNTIME_DIR}/${name}`)
    : [];
  return [SOCKET, ...own, '/run/podman/podman.sock'];
};

const isDebian = (): boolean => {
  if (!existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
};

const waitFor = async (socket: string): Promise<boolean> => {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if ((await ping(socket)) === 'answers') return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
};

/** By systemd where it runs; else by ourselves, in a session of its own, so that it outlives us as an engine should. */
const startDocker = async (): Promise<string> => {
  // Its package starts it by itself where an init system of any kind lets it.
  if ((await ping(SOCKET)) === 'answers') return SOCKET;
  if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['enable', '--now', 'docker']);
  else {
    const log = openSync('/var/log/dockerd.log', 'a', 0o600);
    const daemon = spawn('dockerd', ['--pidfile', '/var/run/docker.pid'], {
      detached: true,
      stdio: ['ignore', log, log],
      env: childEnvironment({ PATH: SYSTEM_PATH }),
    });
    // What could not be started does not answer: that is said below.
    daemon.on('error', () => {});
    daemon.unref();
  }
  if (await waitFor(SOCKET)) return SOCKET;
  throw new DomainError(
    'engine.unavailable',
    'The Docker Engine was started but does not answer within a minute.',
    {
      hint: 'See /var/log/dockerd.log, or "journalctl -u docker".',
    },
  );
};

const apt = (args: string[]): void => {
  const result = spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { PATH: SYSTEM_PATH, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.status !== 0)
    throw new DomainError(
      'engine.unavailable',
      `apt-get ${args[0]} failed: ${result.stderr.trim().split('\n').at(-1)}`,
      {
        hint: 'Install a Docker-compatible engine yourself, or start with --no-local-agent.',
      },
    );
};

const installDocker = async (): Promise<string> => {
  say(
    "No container engine was found: installing Debian's docker.io (with live-restore, so that containers survive its restarts).",
  );
  // Only where no engine was ever configured: the settings of an engine that others installed are theirs.
  if (!existsSync('/etc/docker/daemon.json')) {
    mkdirSync('/etc/docker', { recursive: true });
    writeFileSync('/etc/docker/daemon.json', `${JSON.stringify({ 'live-restore': true }, null, 2)}\n`);
  }
  apt(['update', '-q']);
  apt(['install', '-y', '-q', '--no-install-recommends', 'docker.io']);
  return startDocker();
};

type Found = { socket?: string; forbidden?: string };
const lookForEngine = async (env: Env): Promise<Found> => {
  let forbidden: string | undefined;
  for (const socket of candidates(env)) {
    if (!existsSync(socket)) continue;
    const answer = await ping(socket);
    if (answer === 'answers') return { socket };
    if (answer === 'forbidden') forbidden ??= socket;
  }
  return { forbidden };
};

/** The socket of an engine that answers now; nothing is started or installed for it. */
export const answeringEngine = async (env: Env): Promise<string | undefined> =>
  (await lookForEngine(env)).socket;

/**
 * The socket of an engine for the local agent: one that answers, one that is installed and only has to be started,
 * or, as root on Debian or Ubuntu, a new one. Undefined, with a sentence said, when there is none to be had.
 */
export const findEngine = async (env: Env, mayInstall: boolean): Promise<string | undefined> => {
  const { socket: answering, forbidden } = await lookForEngine(env);
  if (answering) return answering;
  if (forbidden)
    throw new DomainError(
      'engine.unavailable',
      `You have no right to use the engine's socket ${forbidden}.`,
      {
        hint: 'Add yourself to its group ("sudo usermod -aG docker $USER", then sign in anew), start as root, or use --no-local-agent.',
      },
    );
  if (env.DOCKER_HOST)
    throw new DomainError('engine.unavailable', `No engine answers at DOCKER_HOST ${env.DOCKER_HOST}.`, {
      hint: 'Start it, or unset DOCKER_HOST.',
    });
  const installed = spawnSync('which', ['dockerd'], { env: { PATH: SYSTEM_PATH } }).status === 0;
  if (isRoot() && installed) {
    say('The Docker Engine is installed but does not run: starting it.');
    return startDocker();
  }
  if (isRoot() && mayInstall && isDebian()) return installDocker();
  say(
    'No container engine runs here: the console starts without an agent for this host. Install Docker or Podman and start again to use this host too.',
  );
  return undefined;
};
