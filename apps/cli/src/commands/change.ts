import { routes } from '@portreeve/contract';
import type { Command } from 'commander';
import { call } from '../client.ts';
import { env } from '../env.ts';
import { findService, findStack } from '../find.ts';
import { wholeNumber } from '../numbers.ts';
import { line, safe } from '../print.ts';
import { waitForRollouts } from '../wait.ts';

type InProject = { project: string };
type Undo = InProject & { to?: number; wait: boolean };
type Remove = InProject & { volumes: boolean };
const inProject = (command: Command): Command =>
  command.option('-p, --project <path>', 'project', env.project ?? '/');

/** The verbs that change what runs. */
export const changeCommands = (program: Command): void => {
  inProject(program.command('undo <stack/service>').description('go back to the revision before, or to any'))
    .option('--to <number>', 'revision', wholeNumber(1))
    .option('-w, --wait', 'wait until it ends', false)
    .action(async (path: string, options: Undo) => {
      const { id } = await findService(path, options.project);
      const body = options.to === undefined ? {} : { revision: options.to };
      const { rollout } = await call(routes.services.roll, { params: { id }, body });
      if (rollout === null) return line('Nothing to do: it is on that revision already.');
      line(`Rolling ${safe(path)} to revision ${rollout.toRevision}.`);
      if (options.wait) await waitForRollouts([rollout.id]);
    });
  inProject(
    program
      .command('scale')
      .description('change the number of replicas')
      .argument('<stack/service>')
      .argument('<replicas>', undefined, wholeNumber(0)),
  ).action(async (path: string, replicas: number, options: InProject) => {
    const { id } = await findService(path, options.project);
    const service = await call(routes.services.scale, {
      params: { id },
      body: { replicas },
    });
    const { wanted, ready } = service.count;
    line(
      `${safe(path)} is to have ${wanted} ${wanted === 1 ? 'replica' : 'replicas'}, of which ${ready} ready.`,
    );
  });
  inProject(
    program.command('rm <stack>').description('stop and remove every service of a stack; volumes stay'),
  )
    .option('--volumes', 'remove its volumes too, with their data', false)
    .action(async (name: string, options: Remove) => {
      const { id } = await findStack(name, options.project);
      await call(routes.stacks.remove, {
        params: { id },
        query: { volumes: options.volumes ? 'remove' : 'keep' },
      });
      line(`Removing ${safe(name)}.`);
    });
  for (const verb of ['pause', 'resume', 'abort'] as const) {
    inProject(program.command(`${verb} <stack/service>`).description(`${verb} its rollout`)).action(
      async (path: string, options: InProject) => {
        const { rollout } = await findService(path, options.project);
        if (rollout === null) throw new Error(`${path} has no rollout under way.`);
        const after = await call(routes.rollouts[verb], { params: { id: rollout.id } });
        line(`Rollout ${after.number} of ${safe(path)} is ${after.state}.`);
      },
    );
  }
};
