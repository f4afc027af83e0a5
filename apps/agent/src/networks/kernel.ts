import type { KernelCommands } from './diff.ts';
import { type KernelState, parseKernelState } from './kernel-state.ts';
import { run } from './run.ts';

/** What the kernel has now. */
export const readKernel = async (): Promise<KernelState> => {
  const [links, forwarding, neighbours] = await Promise.all([
    run('ip', ['-d', '-j', 'link', 'show']),
    run('bridge', ['-j', 'fdb', 'show']),
    run('ip', ['-j', 'neigh', 'show', 'nud', 'permanent']),
  ]);
  return parseKernelState({ links, forwarding, neighbours });
};

const batch = async (command: 'ip' | 'bridge', lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await run(command, ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
};

/** One line that fails does not keep the others from being done; the error names it. */
export const applyKernel = async (commands: KernelCommands): Promise<void> => {
  await batch('ip', commands.links);
  await Promise.all([batch('bridge', commands.forwarding), batch('ip', commands.neighbours)]);
};
