import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readEnv } from '../env.ts';
import { runningSupervisor } from './data-folder.ts';
import { say } from './say.ts';

const TASK_LABEL = 'io.portreeve.task';
const END_WITHIN_MS = 60_000;

const endSupervisor = async (folder: string): Promise<boolean> => {
  const pid = runningSupervisor(folder);
  if (!pid) {
    say(`Nothing of Portreeve runs on ${folder}.`);
    return true;
  }
  process.kill(pid, 'SIGTERM');
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

/** Only with the agent gone: it would start them again. */
const stopContainers = (): boolean => {
  const listed = spawnSync('docker', ['ps', '-q', '--filter', `label=${TASK_LABEL}`], { encoding: 'utf8' });
  if (listed.status !== 0) {
    say(`The containers could not be listed: ${listed.stderr?.trim() || 'there is no docker command here'}`);
    return false;
  }
  const ids = listed.stdout.split('\n').filter(Boolean);
  if (ids.length > 0) spawnSync('docker', ['stop', ...ids], { stdio: 'ignore' });
  say(`${ids.length} containers have stopped; the next start of the agent starts them again.`);
  return true;
};

/** Answers names of containers and outlives the agent; who it is, it says to whoever connects. */
const stopNames = (folder: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(join(folder, 'agent/names/names.sock'));
    socket.once('error', () => resolve());
    socket.once('data', (line) => {
      const { pid } = JSON.parse(line.toString()) as { pid: number };
      process.kill(pid, 'SIGTERM');
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
const folder = resolve(values.data ?? readEnv().PORTREEVE_DATA);
const ended = await endSupervisor(folder);
const stopped = values.containers ? ended && stopContainers() : true;
if (values.containers && stopped) await stopNames(folder);
process.exit(ended && stopped ? 0 : 1);
