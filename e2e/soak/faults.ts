import { existsSync } from 'node:fs';
import { processesBelow } from '../console/process-tree.ts';
import type { Chance } from '../faults/seeded.ts';
import { eventually } from '../lab/eventually.ts';
import type { LabHost } from '../lab/lab.ts';
import type { Stage } from './stage.ts';

/** A fault that was injected and is to be healed after some seconds. */
export type Injected = {
  /** What, in words, for the history. */
  text: string;
  lastsMs: number;
  heal(): Promise<void>;
};
export type Fault = {
  name: string;
  /** Only the control plane is hit: no container may end, and no task may be missed from outside. */
  harmless: boolean;
  inject(stage: Stage, chance: Chance): Promise<Injected>;
};

const nothing = async (): Promise<void> => undefined;
const kill = (pid: number, signal: NodeJS.Signals): void => {
  if (existsSync(`/proc/${pid}`)) process.kill(pid, signal);
};
const seconds = (chance: Chance, from: number, to: number): number =>
  1_000 * (from + chance.below(to - from));
const hostOf = ({ lab }: Stage, chance: Chance): LabHost => chance.oneOf(lab.hosts);
/** No systemd runs in the lab: the agent is started as the host's own init would. */
const startAgent = async (host: LabHost): Promise<void> => {
  const { code, stderr } = await host.exec(['/usr/local/lib/portreeve/agent', 'install'], {
    timeoutMs: 60_000,
  });
  if (code !== 0) throw new Error(`the agent of ${host.name} did not start: ${stderr}`);
};

const KILLED_SERVER: Fault = {
  name: 'F-1 the server is killed',
  harmless: true,
  inject: async ({ product }) => {
    const pid = await product.serverPid();
    kill(pid, 'SIGKILL');
    await eventually(() => !existsSync(`/proc/${pid}`));
    return { text: `server ${pid}`, lastsMs: 0, heal: nothing };
  },
};

const KILLED_DATABASE: Fault = {
  name: 'F-5 the database is killed',
  harmless: true,
  inject: async ({ product }) => {
    const pid = await product.databasePid();
    kill(pid, 'SIGKILL');
    await eventually(() => !existsSync(`/proc/${pid}`));
    return { text: `database ${pid}`, lastsMs: 0, heal: nothing };
  },
};

const SILENT_DATABASE: Fault = {
  name: 'F-5 the database says nothing',
  harmless: true,
  inject: async (stage, chance) => {
    const main = await stage.product.databasePid();
    // Its children answer the connections.
    const pids = [main, ...processesBelow(main).map(({ pid }) => pid)];
    for (const pid of pids) kill(pid, 'SIGSTOP');
    return {
      text: `database ${main} and ${pids.length - 1} children`,
      lastsMs: seconds(chance, 3, 25),
      heal: async () => {
        for (const pid of pids) kill(pid, 'SIGCONT');
      },
    };
  },
};

const KILLED_AGENT: Fault = {
  name: 'F-9 an agent is killed',
  harmless: true,
  inject: async (stage, chance) => {
    const host = hostOf(stage, chance);
    await host.exec(['pkill', '-KILL', '-f', 'portreeve.* agent --with-parent']);
    return { text: host.name, lastsMs: 0, heal: nothing };
  },
};

const RESTARTED_ENGINE: Fault = {
  name: 'F-10 an engine restarts',
  harmless: true,
  inject: async (stage, chance) => {
    const host = hostOf(stage, chance);
    await host.engine.restart();
    return { text: host.name, lastsMs: 0, heal: nothing };
  },
};

const SILENT_ENGINE: Fault = {
  name: 'F-10 an engine says nothing',
  harmless: true,
  inject: async (stage, chance) => {
    const host = hostOf(stage, chance);
    await host.exec(['pkill', '-STOP', '-x', 'dockerd']);
    return {
      text: host.name,
      lastsMs: seconds(chance, 5, 20),
      heal: async () => void (await host.exec(['pkill', '-CONT', '-x', 'dockerd'])),
    };
  },
};

const POWER_CUT: Fault = {
  name: 'F-11 a host loses its power',
  harmless: false,
  inject: async (stage, chance) => {
    const host = hostOf(stage, chance);
    await host.kill();
    return {
      text: host.name,
      lastsMs: seconds(chance, 1, 30),
      heal: async () => {
        await host.boot();
        await startAgent(host);
      },
    };
  },
};

const PARTITION: Fault = {
  name: 'F-12 a host is cut off',
  harmless: false,
  inject: async (stage, chance) => {
    const host = hostOf(stage, chance);
    const direction = chance.oneOf(['both', 'in', 'out'] as const);
    await host.partition({ direction });
    return { text: `${host.name}, ${direction}`, lastsMs: seconds(chance, 2, 30), heal: () => host.heal() };
  },
};

const SLOW_LINK: Fault = {
  name: 'F-12 the link of a host is bad',
  harmless: true,
  inject: async (stage, chance) => {
    const host = hostOf(stage, chance);
    await host.slow({ delayMs: 50 + chance.below(250), lossPercent: chance.below(8) });
    return { text: host.name, lastsMs: seconds(chance, 5, 30), heal: () => host.heal() };
  },
};

const FULL_DISK: Fault = {
  name: 'F-16 the disk of a host is full',
  harmless: false,
  inject: async (stage, chance) => {
    const host = hostOf(stage, chance);
    await host.fillDisk(0);
    return { text: host.name, lastsMs: seconds(chance, 5, 25), heal: () => host.freeDisk() };
  },
};

const ABSENT_REGISTRY: Fault = {
  name: 'F-18 the registry is away',
  harmless: true,
  inject: async ({ lab }, chance) => {
    await lab.registry?.kill();
    return {
      text: 'killed',
      lastsMs: seconds(chance, 5, 25),
      heal: async () => void (await lab.registry?.start()),
    };
  },
};

/** What may happen, each as likely as the others. */
export const FAULTS: readonly Fault[] = [
  KILLED_SERVER,
  KILLED_DATABASE,
  SILENT_DATABASE,
  KILLED_AGENT,
  RESTARTED_ENGINE,
  SILENT_ENGINE,
  POWER_CUT,
  PARTITION,
  SLOW_LINK,
  FULL_DISK,
  ABSENT_REGISTRY,
];
