import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DesiredAnswer, DesiredDocument, TaskReport } from '@portreeve/agent-protocol';
import type { ImagePin } from '@portreeve/domain';
import type Docker from 'dockerode';
import { dockerOf } from '../../../e2e/lab/docker.ts';
import { eventually } from '../../../e2e/lab/eventually.ts';
import type { Lab, LabHost, LabProcess } from '../../../e2e/lab/lab.ts';
import { document, type TaskWish, task } from './documents.ts';
import { type Peer, startPeer } from './peer.ts';
import { runPodmanChecks } from './podman-checks.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const SOCKET = '/run/docker.sock';

/** An agent on a host of the lab, joined to a peer of its own. */
export type HostAgent = {
  peer: Peer;
  docker: Docker;
  stateDir: string;
  process(): LabProcess;
  start(): Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Sends the next generation with these tasks. */
  assign(tasks: DesiredDocument['tasks'], more?: Partial<DesiredDocument>): Promise<DesiredAnswer>;
  report(taskId: string): TaskReport | undefined;
  until(taskId: string, is: (report: TaskReport) => boolean, what: string): Promise<TaskReport>;
  ready(taskId: string): Promise<TaskReport>;
  end(): Promise<void>;
};

let count = 0;

export const startHostAgent = async (
  lab: Lab,
  host: LabHost,
  argv: readonly string[] = [process.execPath, MAIN],
): Promise<HostAgent> => {
  const peer = await startPeer({ host: lab.bridgeAddress });
  count += 1;
  const stateDir = `/var/lib/agent-${process.pid}-${count}`;
  const args = ['--state', stateDir, '--docker', SOCKET];
  const joined = await host.exec(
    [...argv, 'join', '--server', peer.url, '--ca-sha256', peer.caSha256, ...args],
    { input: peer.token },
  );
  if (joined.code !== 0) throw new Error(`join failed: ${joined.stderr}`);
  let running: LabProcess | undefined;
  let generation = 0;
  const docker = dockerOf(host);
  const checks = await runPodmanChecks(docker);

  const agent: HostAgent = {
    peer,
    docker,
    stateDir,
    process: () => running as LabProcess,
    start: async () => {
      const greeted = peer.hellos.length;
      running = host.spawn([...argv, 'agent', ...args]);
      await eventually(() => peer.hellos.length > greeted, {
        timeout: 20_000,
        what: 'the agent to say hello',
      });
    },
    kill: async (signal = 'SIGKILL') => {
      await running?.kill(signal);
      await running?.exited;
      await eventually(() => !peer.connected(), { what: 'the agent to be gone' });
    },
    assign: (tasks, more) => {
      generation += 1;
      return peer.send(document(peer, generation, tasks, more));
    },
    report: (taskId) => peer.tasks.get(taskId),
    until: async (taskId, is, what) => {
      const look = (): TaskReport | undefined => {
        const report = peer.tasks.get(taskId);
        return report && is(report) ? report : undefined;
      };
      try {
        return await eventually(look, { timeout: 60_000, interval: 10, what: `task ${taskId} ${what}` });
      } catch (cause) {
        const log = running ? readFileSync(running.logFile, 'utf8').split('\n').slice(-20).join('\n') : '';
        const events = peer.reports
          .flatMap((report) => report.events)
          .filter((event) => event.taskId === taskId);
        const seen = JSON.stringify([peer.tasks.get(taskId), ...events.slice(-10)], null, 1);
        throw new Error(`${String(cause)}\n${seen}\n${log}`, { cause });
      }
    },
    ready: (taskId) => agent.until(taskId, (report) => report.ready, 'to be ready'),
    end: async () => {
      checks.stop();
      await running?.kill('SIGKILL');
      await peer.close();
      const left = await docker.listContainers({ all: true }).catch(() => []);
      await Promise.all(left.map((one) => docker.getContainer(one.Id).remove({ force: true, v: true })));
    },
  };
  await agent.start();
  return agent;
};

/** The exact image behind a tag of the lab's registry. */
export const pinOf = async (lab: Lab, tag: string, repository = 'web'): Promise<ImagePin> => {
  const registry = lab.registry?.address ?? '';
  const accept =
    'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
  const answer = await fetch(`http://${registry}/v2/${repository}/manifests/${tag}`, { headers: { accept } });
  const digest = answer.headers.get('docker-content-digest') ?? '';
  return { kind: 'digest', reference: `${registry}/${repository}:${tag}`, registry, repository, digest };
};

/** A task of the lab's web application that is quick to get healthy. */
export const webTask = (pin: ImagePin, wish: Partial<TaskWish> = {}) =>
  task({ pin, ...wish, spec: { ...QUICK, ...wish.spec } });

const QUICK = {
  healthcheck: {
    test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/healthz'],
    intervalMs: 500,
    timeoutMs: 5_000,
    retries: 3,
  },
  stopGraceMs: 3_000,
} satisfies TaskWish['spec'];
