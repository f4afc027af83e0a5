import { processesBelow } from '../../e2e/console/process-tree.ts';
import type { LabHost } from '../../e2e/lab/lab.ts';

const processesOf = (host: LabHost, name: RegExp): number[] =>
  processesBelow(host.pid ?? 0)
    .filter(({ command }) => name.test(command))
    .map(({ pid }) => pid);

/** dockerd of a host first, then the containerd it started. */
export const enginesOf = (host: LabHost): number[] => [
  ...processesOf(host, /^(\S*\/)?dockerd /),
  ...processesOf(host, /^(\S*\/)?containerd /),
];

/** Every process of our agent on a host: what keeps it, itself, names. */
export const agentsOf = (host: LabHost): number[] =>
  processesOf(host, /^\/usr\/local\/lib\/portreeve\/agent /);
