import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AssignedFile, AssignedTask } from '@portreeve/agent-protocol';
import type { TaskFile } from './mounts.ts';

/** Where configs and secrets of tasks are files; it never is a disk. */
export const MEMORY_FOLDER = '/run/portreeve';
const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;

const run = promisify(execFile);

/** The folder for contents that may never reach a disk (SPEC.md, D7); mounts a tmpfs where /run is none. */
export const ensureMemoryFolder = async (): Promise<void> => {
  await mkdir(MEMORY_FOLDER, { recursive: true, mode: 0o711 });
  const { type } = await statfs(MEMORY_FOLDER);
  if (type === TMPFS || type === RAMFS) return;
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0711,nosuid,nodev,noexec', 'portreeve', MEMORY_FOLDER]);
};

const write = async (folder: string, index: number, file: AssignedFile): Promise<TaskFile> => {
  const hostPath = join(folder, String(index));
  await rm(hostPath, { force: true });
  await writeFile(hostPath, Buffer.from(file.contentBase64, 'base64'), { mode: 0o400 });
  await chown(hostPath, Number(file.uid), Number(file.gid));
  await chmod(hostPath, file.mode);
  return { hostPath, target: file.target };
};

const folderOf = (taskId: string): string => join(MEMORY_FOLDER, taskId);

/** Writes the configs and secrets of a task where its container will see them, and only there. */
export const writeTaskFiles = async (task: AssignedTask): Promise<TaskFile[]> => {
  const files = [...task.configs, ...task.secrets];
  if (files.length === 0) return [];
  await ensureMemoryFolder();
  const folder = folderOf(task.taskId);
  // Users of the host cannot list it; a container sees single files of it, each with its own owner and mode.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return Promise.all(files.map((file, index) => write(folder, index, file)));
};

export const removeTaskFiles = (taskId: string): Promise<void> =>
  rm(folderOf(taskId), { recursive: true, force: true });
