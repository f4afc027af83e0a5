import { parseArgs } from 'node:util';
import type { EngineKind, InitKind, LabOptions } from './types.ts';

const KINDS: readonly EngineKind[] = ['debian', 'current', 'podman', 'rootless'];
const INITS: readonly InitKind[] = ['tini', 'systemd'];
const HOSTS = 3;

const oneOf = <T extends string>(all: readonly T[], what: string, word: string): T => {
  const found = all.find((one) => one === word);
  if (found === undefined) throw new Error(`--${what} is ${all.join(', ')}, not "${word}"`);
  return found;
};

/** What `npm run lab -- start …` asks for: `[N] [FOLDER] [--engine KIND,KIND,…] [--init KIND]`. */
export function startOptions(args: readonly string[]): LabOptions {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { engine: { type: 'string' }, init: { type: 'string' } },
  });
  const [count = `${HOSTS}`, engineBin] = positionals;
  const hosts = Number(count);
  if (!Number.isInteger(hosts) || hosts < 1) throw new Error(`"${count}" is no number of hosts`);
  return {
    hosts,
    engineBin,
    ...(values.engine && { engine: values.engine.split(',').map((word) => oneOf(KINDS, 'engine', word)) }),
    ...(values.init && { init: oneOf(INITS, 'init', values.init) }),
  };
}
