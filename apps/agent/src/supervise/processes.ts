import { readdir, readFile } from 'node:fs/promises';

/** Where the installed agent is, whichever file joined or installed it. */
export const INSTALLED = '/usr/local/lib/portreeve/agent';

/** Pids of this host that run `file mode … argument …`; by their command line, which only this program has. */
export const processesOf = async (file: string, mode: string, argument?: string): Promise<number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, first, ...rest] = (
        await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      ).split('\0');
      if (command !== file || first !== mode) return undefined;
      return argument === undefined || rest.includes(argument) ? pid : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined && pid !== process.pid) as number[];
};
