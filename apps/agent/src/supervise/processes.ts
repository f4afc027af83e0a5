import { readdir, readFile } from 'node:fs/promises';

/** Pids of this host that run `file mode …`; by their command line, which only this program has. */
export const processesOf = async (file: string, mode: string): Promise<number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, first] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      return command === file && first === mode ? pid : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined && pid !== process.pid) as number[];
};
