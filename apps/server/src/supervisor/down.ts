import { request } from 'node:http';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Env, readEnv } from '../env.ts';
import { runningSupervisor } from './data-folder.ts';
import { answeringEngine } from './engine.ts';
import { type Place, readPlace } from './local-agent.ts';
import { say } from './say.ts';

const TASK_LABEL = 'io.portreeve.task';
const END_WITHIN_MS = 60_000;
const NAMES_WITHIN_MS = 5_000;

const endSupervisor = async (folder: string): Promise<boolean> => {
  const pid = runningSupervisor(folder);
  if (!pid) {
    say(`Nothing of Portreeve runs on ${folder}.`);
    return true;
  }
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return true;
    say(`The supervisor (process ${pid}) belongs to another user: run this as that user, or as root.`);
    return false;
  }
  const deadline = Date.now() + END_WITHIN_MS;
  while (runningSupervisor(folder) === pid) {
    if (Date.now() > deadline) {
      say(`The supervisor (process ${pid}) did not end within a minute.`);
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  say('The console, its database and the agent have stopped; containers run on.');
  return true;
};

type Answer = { status: number; text: string };
const askEngine = (socketPath: string, method: 'GET' | 'POST', path: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.once('error', reject);
    call.end();
  });

/** Of this host's agent alone: another cluster may have containers on the same engine. */
const labelsOf = ({ cluster, node }: Place): string[] => [
  TASK_LABEL,
  `io.portreeve.cluster=${cluster}`,
  ...(node ? [`io.portreeve.node=${node}`] : []),
];

const listContainers = async (socket: string, place: Place): Promise<string[]> => {
  const filters = encodeURIComponent(JSON.stringify({ label: labelsOf(place) }));
  const { status, text } = await askEngine(socket, 'GET', `/containers/json?filters=${filters}`);
  if (status !== 200) throw new Error(text.trim() || `status ${status}`);
  return (JSON.parse(text) as { Id: string }[]).map(({ Id }) => Id);
};

const STOPPED = [204, 304];
const isStopped = (socket: string, id: string): Promise<boolean> =>
  askEngine(socket, 'POST', `/containers/${id}/stop`).then(
    ({ status }) => STOPPED.includes(status),
    () => false,
  );

/** Only with the agent gone: it would start them again. */
const stopContainers = async (env: Env, folder: string): Promise<boolean> => {
  const place = readPlace(folder);
  if (!place) {
    say('This host has joined no cluster: it has no containers of Portreeve.');
    return true;
  }
  const socket = await answeringEngine(env);
  if (!socket) {
    say('The containers could not be stopped: no engine answers here. Start it, or name it in DOCKER_HOST.');
    return false;
  }
  try {
    const ids = await listContainers(socket, place);
    const stopped = (await Promise.all(ids.map((id) => isStopped(socket, id)))).filter(Boolean).length;
    say(
      `${stopped} of ${ids.length} containers have stopped; the next start of the agent starts them again.`,
    );
    return stopped === ids.length;
  } catch (error) {
    say(`The containers could not be listed: ${error instanceof Error ? error.message : error}`);
    return false;
  }
};

/** Answers names of containers and outlives the agent; who it is, it says to whoever connects. */
const stopNames = (folder: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(join(folder, 'agent/names/names.sock'));
    // One that does not say who it is cannot be told to end.
    socket.setTimeout(NAMES_WITHIN_MS, () => socket.destroy());
    socket.once('error', () => resolve());
    socket.once('data', (line) => {
      const { pid } = JSON.parse(line.toString()) as { pid: number };
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // It has ended meanwhile.
      }
    });
    socket.once('close', () => resolve());
  });

const USAGE = `npm run down -- [flags]
  --data <folder>   what was started with it (PORTREEVE_DATA)
  --containers      stops the containers of this host's agent too, and what answers their names`;

const readFlags = () => {
  try {
    return parseArgs({
      options: {
        data: { type: 'string' },
        containers: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    say(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`);
    return process.exit(2);
  }
};

const values = readFlags();
if (values.help) {
  say(USAGE);
  process.exit(0);
}
const readEnvironment = (): Env => {
  try {
    return readEnv();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return process.exit(1);
  }
};
const env = readEnvironment();
const folder = resolve(values.data ?? env.PORTREEVE_DATA);
const ended = await endSupervisor(folder);
const stopped = values.containers ? ended && (await stopContainers(env, folder)) : true;
if (values.containers && stopped) await stopNames(folder);
process.exit(ended && stopped ? 0 : 1);
