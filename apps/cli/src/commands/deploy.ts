import { type Application, type DeployPlanView, routes } from '@portreeve/contract';
import { formatDuration } from '@portreeve/domain';
import type { Command } from 'commander';
import { readApplication } from '../bundle.ts';
import { call } from '../client.ts';
import { env } from '../env.ts';
import { findStack } from '../find.ts';
import { bold, faint, json, line, safe, state } from '../print.ts';
import { waitForRollouts } from '../wait.ts';

type Plan = {
  file: string;
  bundle: boolean;
  value: string[];
  envFile: string[];
  profile: string[];
  keepValues: boolean;
  project: string;
};
type Apply = Plan & { wait: boolean };
const collect = (value: string, all: string[]): string[] => [...all, value];
const show = (value: unknown): string => (value === undefined ? '–' : safe(JSON.stringify(value)));

const printPlan = (plan: DeployPlanView): void => {
  for (const { severity, message, file, line: at, column } of plan.diagnostics)
    line(
      `${state(severity === 'error' ? 'failed' : 'warning')} ${safe(file)}:${at}:${column} ${safe(message)}`,
    );
  for (const service of plan.services) {
    const replicas =
      service.replicas.from === service.replicas.to
        ? `${service.replicas.to}`
        : `${service.replicas.from} → ${service.replicas.to}`;
    line(
      `${state(service.action)} ${bold(safe(service.name))}  ${replicas} replicas  ${safe(service.image.reference)} ${faint(service.image.digest?.slice(0, 19) ?? '')}`,
    );
    for (const change of service.changes)
      line(`    ${safe(change.path)}: ${show(change.from)} → ${show(change.to)}`);
    for (const place of service.forecast)
      line(faint(`    slot ${place.slot} → ${safe(place.node ?? 'nowhere')}: ${safe(place.sentence)}`));
    if (service.action === 'replace')
      line(
        faint(
          `    ${safe(service.policy)}${service.estimateMs === undefined ? '' : `, about ${formatDuration(service.estimateMs)}`}`,
        ),
      );
  }
  for (const refusal of plan.refusals)
    line(
      `${state('failed')} ${bold(safe(refusal.service))} ${safe(refusal.message)} ${faint(safe(refusal.hint))}`,
    );
  line(safe(plan.summary));
};

/** What is sent: the file or bundle, and with --keep-values the names of what was given last time, which stays unseen. */
const applicationOf = async (name: string, options: Plan): Promise<Application> => {
  const application = readApplication(options);
  if (!options.keepValues) return application;
  const { id, stackVersion } = await findStack(name, options.project);
  const { valueNames } = await call(routes.stacks.version, { params: { id, number: stackVersion } });
  return { ...application, keep: { version: stackVersion, names: valueNames, files: [] } };
};

const withSource = (command: Command): Command =>
  command
    .option('-f, --file <path>', 'Compose file', 'compose.yaml')
    .option(
      '-b, --bundle',
      'send the whole folder of the file, for env_file, extends and files of configs and secrets',
      false,
    )
    .option('-v, --value <NAME=value>', 'value of a variable (repeatable)', collect, [])
    .option(
      '-k, --keep-values',
      'use values given with the last version again where none is given now',
      false,
    )
    .option('--env-file <path>', 'file of values in dotenv format (repeatable)', collect, [])
    .option('--profile <name>', 'profile to enable (repeatable)', collect, [])
    .option('-p, --project <path>', 'project', env.project ?? '/');

/** `plan` shows; `apply` makes a plan and applies exactly that one. */
export const deployCommands = (program: Command): void => {
  withSource(program.command('plan <stack>').description('what a Compose file would change'))
    .option('--json', 'what the API answers, for programs', false)
    .action(async (name: string, options: Plan & { json: boolean }) => {
      const plan = await call(routes.stacks.plan, {
        params: { name },
        query: { project: options.project },
        body: await applicationOf(name, options),
      });
      if (options.json) json(plan);
      else printPlan(plan);
      if (!plan.applicable) process.exitCode = 1;
    });
  withSource(program.command('apply <stack>').description('apply a Compose file'))
    .option('-w, --wait', 'wait until every rollout ends; fails unless all succeed', false)
    .action(async (name: string, options: Apply) => {
      const query = { project: options.project };
      const plan = await call(routes.stacks.plan, {
        params: { name },
        query,
        body: await applicationOf(name, options),
      });
      printPlan(plan);
      if (!plan.applicable || plan.id === null) {
        process.exitCode = 1;
        return;
      }
      const applied = await call(routes.stacks.apply, { params: { name }, query, body: { plan: plan.id } });
      line(`Applied as version ${applied.stackVersion} of ${safe(name)}.`);
      if (options.wait) await waitForRollouts(applied.services.flatMap(({ rolloutId }) => rolloutId ?? []));
    });
};
