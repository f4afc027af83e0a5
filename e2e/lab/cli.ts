import { spawn } from 'node:child_process';
import { enter } from './enter.ts';
import { attachLab, type Lab, type LabMachine, type LabOptions, startLab } from './lab.ts';
import { startOptions } from './start-options.ts';

const ID = 'play';

const HELP = `npm run lab                          three hosts and a registry, until Ctrl-C
npm run lab -- start N [FOLDER]      N hosts (with the engine whose binaries are in FOLDER)
  --engine debian,podman,rootless    one kind for all, or one per host, the last repeated ("current" is FOLDER's)
  --init systemd                     hosts that systemd runs
In another terminal, with NAME as node-1 or registry:
npm run lab -- enter NAME [command]  a shell (or the command) inside
npm run lab -- kill|boot|reboot NAME power
npm run lab -- partition|heal NAME   its cable
npm run lab -- slow NAME DELAY_MS    a slow link (each way)
npm run lab -- fill|free NAME        its disk
npm run lab -- reset                 all hosts as new`;

const [verb = 'start', ...args] = process.argv.slice(2);
const [name = '', ...rest] = args;
async function main(): Promise<void> {
  if (verb === 'start') return stay(startOptions(args));
  if (verb === 'reset') return attachLab(ID).reset();
  if (verb === 'enter') return go(machineNamed(attachLab(ID), name), rest);
  const act = actions[verb];
  if (act === undefined) return console.log(HELP);
  await act(machineNamed(attachLab(ID), name));
}

const actions: Readonly<Record<string, (machine: LabMachine) => Promise<void>>> = {
  kill: (machine) => machine.kill(),
  boot: (machine) => machine.boot(),
  reboot: (machine) => machine.reboot(),
  partition: (machine) => machine.partition(),
  heal: (machine) => machine.heal(),
  slow: (machine) => machine.slow({ delayMs: Number(rest[0] ?? 100) }),
  fill: (machine) => machine.fillDisk(0),
  free: (machine) => machine.freeDisk(),
};

async function stay(options: LabOptions): Promise<void> {
  const lab = await startLab({ ...options, id: ID, log: (line) => console.log(line) });
  console.log(`\n${summary(lab)}\n\n${HELP}\n\nCtrl-C takes it all down.`);
  await new Promise<void>((resolve) => {
    // A timer keeps the process alive; signal handlers do not.
    const alive = setInterval(() => undefined, 60_000);
    const leave = () => {
      clearInterval(alive);
      resolve();
    };
    process.once('SIGINT', leave);
    process.once('SIGTERM', leave);
  });
  await lab.stop();
}

function summary(lab: Lab): string {
  const hosts = lab.hosts.map(
    (host) => `${host.name}  ${host.address}  ${host.engineKind}  DOCKER_HOST=unix://${host.dockerSocket}`,
  );
  const registry = lab.registry === undefined ? [] : [`registry  ${lab.registry.address}`];
  return [...hosts, ...registry, `this machine, as they see it: ${lab.bridgeAddress}`].join('\n');
}

function machineNamed(lab: Lab, wanted: string): LabMachine {
  return wanted === 'registry' && lab.registry !== undefined ? lab.registry.machine : lab.host(wanted);
}

function go(machine: LabMachine, command: readonly string[]): Promise<void> {
  if (machine.pid === undefined) throw new Error(`${machine.name} is switched off`);
  const [nsenter = '', ...args] = enter(machine.pid, command.length === 0 ? ['bash', '-l'] : command);
  return new Promise((resolve) => {
    spawn(nsenter, args, { stdio: 'inherit' }).on('exit', (code) => {
      process.exitCode = code ?? 1;
      resolve();
    });
  });
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
