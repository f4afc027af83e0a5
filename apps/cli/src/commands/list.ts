import { routes } from '@portreeve/contract';
import { formatBytes } from '@portreeve/domain';
import type { Command } from 'commander';
import { call, callAll } from '../client.ts';
import { env } from '../env.ts';
import { findService, findStack } from '../find.ts';
import { bold, json, line, safe, state, table } from '../print.ts';

const inProject = (command: Command): Command =>
  command.option('-p, --project <path>', 'project', env.project ?? '/');

type Ls = { project: string; json: boolean };
const JSON_OPTION = ['--json', 'what the API answers, for programs', false] as const;

const findOne = async (path: string, project: string) => {
  const { id } = await findService(path, project);
  return call(routes.services.get, { params: { id } });
};
const read = (name: string | undefined, project: string): Promise<unknown> => {
  if (name === undefined) return callAll(routes.stacks.list, { project });
  return name.includes('/') ? findOne(name, project) : findStack(name, project);
};

const listStacks = async (project: string): Promise<void> => {
  const items = await callAll(routes.stacks.list, { project });
  if (items.length === 0)
    return line('No stacks yet. Deploy one with `portreeve apply <name> -f compose.yaml`.');
  table(
    ['STACK', 'PROJECT', 'STATE', 'READY', 'VERSION', 'WHY'],
    items.map((stack) => [
      safe(stack.name),
      safe(stack.projectPath),
      state(stack.state),
      `${stack.count.ready}/${stack.count.wanted}`,
      String(stack.stackVersion),
      safe(stack.why),
    ]),
  );
};

const listServices = async (name: string, project: string): Promise<void> => {
  const stack = await findStack(name, project);
  table(
    ['SERVICE', 'STATE', 'READY', 'REVISION', 'IMAGE', 'WHY'],
    stack.serviceList.map((service) => [
      safe(service.name),
      state(service.state),
      `${service.count.ready}/${service.count.wanted}`,
      String(service.revision),
      safe(service.image),
      safe(service.why),
    ]),
  );
};

const showService = async (path: string, project: string): Promise<void> => {
  const service = await findOne(path, project);
  line(
    `${bold(safe(path))} ${state(service.state)} ${service.count.ready}/${service.count.wanted}, revision ${service.revision}. ${safe(service.why)}`,
  );
  if (service.next !== '') line(`Next: ${safe(service.next)}`);
  table(
    ['SLOT', 'REVISION', 'STATE', 'NODE', 'RESTARTS', 'WHY'],
    service.tasks.map((task) => [
      String(task.slot),
      String(task.revision),
      state(task.health),
      safe(task.node?.name ?? '–'),
      String(task.restarts),
      safe(task.reason),
    ]),
  );
};

/** `ls` without a name lists stacks, with `shop` its services, with `shop/web` its tasks. */
export const listCommands = (program: Command): void => {
  inProject(
    program
      .command('ls [name]')
      .description('list stacks, the services of a stack, or the tasks of stack/service'),
  )
    .option(...JSON_OPTION)
    .action(async (name: string | undefined, { project, json: asJson }: Ls) => {
      if (asJson) return json(await read(name, project));
      if (name === undefined) return listStacks(project);
      return name.includes('/') ? showService(name, project) : listServices(name, project);
    });
  program
    .command('nodes')
    .description('list nodes')
    .option(...JSON_OPTION)
    .action(async (options: Pick<Ls, 'json'>) => {
      const items = await callAll(routes.nodes.list, {});
      if (options.json) return json(items);
      table(
        ['NODE', 'STATE', 'AVAILABILITY', 'TASKS', 'MEMORY', 'ENGINE', 'WHY'],
        items.map((node) => [
          safe(node.name),
          state(node.state),
          node.availability,
          String(node.tasks),
          `${formatBytes(node.memory.reserved)} of ${formatBytes(node.memory.allocatable)}`,
          safe(node.engineVersion),
          safe(node.why),
        ]),
      );
    });
};
