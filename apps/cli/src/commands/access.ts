import { parseDuration } from '@portreeve/compose';
import { type GrantView, routes } from '@portreeve/contract';
import { Permission } from '@portreeve/domain';
import type { Command } from 'commander';
import { call, callAll } from '../client.ts';
import { env } from '../env.ts';
import { bold, faint, json, line, safe, table } from '../print.ts';

type Where = { project: string };
type Listed = Where & { json: boolean };
type Granted = Where & { team: boolean; serviceAccount: boolean; for?: string; reason: string };

const inProject = (command: Command): Command =>
  command.option('-p, --project <path>', 'project', env.project ?? '/');
const asJson = ['--json', 'what the API answers, for programs', false] as const;

const rowOf = (grant: GrantView): string[] => [
  grant.id,
  safe(grant.subject.kind === 'user' ? grant.subject.name : `${grant.subject.kind} ${grant.subject.name}`),
  safe(grant.role.name),
  safe(grant.projectPath) + (grant.inherited ? faint(' (inherited)') : ''),
  grant.endsAt ?? '–',
  grant.lastUsedOn ?? 'never',
  safe(grant.reason),
];

const listGrants = async ({ project, json: isJson }: Listed): Promise<void> => {
  const query = { project, reach: 'effective' };
  const items = await callAll(routes.grants.list, query);
  if (isJson) return json(items);
  table(['ID', 'WHO', 'ROLE', 'PROJECT', 'ENDS', 'USED', 'REASON'], items.map(rowOf));
};

const permissionOf = (name: string): Permission => {
  const { data } = Permission.safeParse(name);
  if (data) return data;
  throw new Error(`There is no permission ${name}: "portreeve can" lists them.`);
};

/** Ends with 1 where it may not be done, for scripts. */
const can = async (name: string | undefined, { project, json: isJson }: Listed): Promise<void> => {
  if (name === undefined) {
    const told = await call(routes.ownRights.permissions, { query: { project } });
    if (isJson) return json(told);
    table(
      ['PERMISSION', 'MAY', 'WHY'],
      told.answers.map(({ permission, allowed, sentence }) => [
        permission,
        allowed ? 'yes' : 'no',
        safe(sentence),
      ]),
    );
    return;
  }
  const told = await call(routes.ownRights.missing, {
    params: { permission: permissionOf(name) },
    query: { project },
  });
  if (!told.allowed) process.exitCode = 1;
  if (isJson) return json(told);
  line(`${bold(told.allowed ? 'Yes.' : 'No.')} ${safe(told.sentence)}`);
  const granters = told.granters.map(({ kind, name: who }) => (kind === 'team' ? `the team ${who}` : who));
  if (granters.length > 0) line(`Who could give it: ${safe(granters.join(', '))}.`);
};

const endOf = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new Error(`"${text}" is no time: write 1h or 30m.`);
  return new Date(Date.now() + ms).toISOString();
};

/** The one of that name among what a search by it finds. */
const named = <T extends { name: string }>(items: readonly T[], name: string, what: string): T => {
  const found = items.find((item) => item.name === name);
  if (found) return found;
  throw new Error(`There is no ${what} ${name} to grant there.`);
};

const grant = async (who: string, role: string, options: Granted): Promise<void> => {
  const { project, team, serviceAccount, reason } = options;
  const kind = team ? 'team' : serviceAccount ? 'service-account' : 'user';
  const subjects = await callAll(routes.grants.subjects, { project, search: who });
  const subject = named(
    subjects.filter((one) => one.kind === kind),
    who,
    kind.replace('-', ' '),
  );
  const { roles } = await call(routes.grants.roles, { query: { project } });
  const endsAt = endOf(options.for);
  const made = await call(routes.grants.create, {
    body: {
      ...{ subject: { kind, id: subject.id }, role: named(roles, role, 'role').id, project, reason },
      ...(endsAt !== undefined && { endsAt }),
    },
  });
  const until = made.endsAt === null ? '' : ` until ${made.endsAt}`;
  line(
    `${safe(who)} holds ${safe(role)} in ${safe(made.projectPath)}${until}. End it: portreeve revoke ${made.id}`,
  );
};

/** Who may do what, for a terminal: asking, granting for an hour, and ending. */
export const accessCommands = (program: Command): void => {
  inProject(
    program
      .command('can [permission]')
      .description('what you may do in a project, and why; with a name, whether'),
  )
    .option(...asJson)
    .action(can);
  inProject(
    program.command('grants').description('list what was granted in a project, with what it inherits'),
  )
    .option(...asJson)
    .action(listGrants);
  inProject(program.command('grant <who> <role>').description('grant a role in a project'))
    .option('--team', 'who is a team', false)
    .option('--service-account', 'who is a service account', false)
    .option('--for <time>', 'how long, as 1h or 30m; without an end if left out')
    .option('--reason <text>', 'what for', '')
    .action(grant);
  program
    .command('revoke <grant>')
    .description('end a grant')
    .action(async (id: string) => {
      await call(routes.grants.end, { params: { id } });
      line('It has ended.');
    });
};
