import { directoryRoutes, type TeamRuleView, type TeamRuleWish } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { grantsOfTeam } from '../../access/grants.store.ts';
import { requireHandOn } from '../../access/hand-on.ts';
import { handedBy } from '../../access/handed-by.ts';
import { recordAudit } from '../../audit/audit.store.ts';
import type { Mount } from '../../platform/http/http.ts';
import { withConnection } from './connection.ts';
import { type DirectoryRow, getDirectory, reachOf } from './directories.store.ts';
import { parseFilter } from './filters.ts';
import { readGroup } from './groups.ts';
import { DirectoryProblem, unavailable } from './problem.ts';
import { removeRule } from './remove.store.ts';
import type { SignInDeps } from './sign-in.service.ts';
import { runSync } from './sync.ts';
import { createRule, getRule, getTeam, pageOfRules, type RuleListRow } from './team-rules.store.ts';

const LONGEST_QUESTION_MS = 5_000;

const viewOf = (row: RuleListRow): TeamRuleView => ({
  ...{ id: row.id, teamId: row.teamId, wish: row.wish as TeamRuleWish, members: row.members },
  directory: { id: row.directoryId, name: row.directory },
  createdAt: row.createdAt.toISOString(),
});

/** Which people of which directory a team takes in. */
export const mountTeamRuleRoutes = (mount: Mount, deps: SignInDeps): void => {
  const { database, keys } = deps;
  const db = database.prisma;

  /** That the directory has what a rule means; the group's stable id comes back. */
  const looked = async (row: DirectoryRow, wish: TeamRuleWish): Promise<string | null> => {
    const reach = reachOf(row, keys);
    const until = performance.now() + LONGEST_QUESTION_MS;
    if (wish.kind === 'search') {
      const filter = parseFilter(wish.filter);
      await withConnection(reach, until, (connection) =>
        connection.search({ base: wish.base, scope: wish.scope, filter, attributes: ['1.1'], limit: 1 }),
      );
      return null;
    }
    const group = await withConnection(reach, until, (connection) =>
      readGroup(connection, reach.configuration, wish.dn),
    );
    if (group?.key) return group.key;
    throw new DomainError('directory.refused', `${row.name} has no group ${wish.dn}.`, {
      hint: 'It must lie below the base of the group rules and match their filter.',
    });
  };

  mount(directoryRoutes.rules, async ({ params, query, ctx }) => {
    ctx.authorize('team.read');
    const team = await getTeam(db, params.id);
    const page = await pageOfRules(database, team.id, query);
    return { ...page, items: page.items.map(viewOf) };
  });

  mount(directoryRoutes.createRule, async ({ params, body, ctx }) => {
    ctx.authorize('team.edit');
    const team = await getTeam(db, params.id);
    // Whom a rule takes in gets all that the team was granted.
    requireHandOn(ctx.subject, handedBy(await grantsOfTeam(db, team.id)), `The team ${team.name}`);
    const row = await getDirectory(db, body.directoryId);
    const groupKey = await looked(row, body.wish).catch((error: unknown) => {
      if (error instanceof DirectoryProblem) throw unavailable(row.name, error);
      throw error;
    });
    const id = uuid();
    await database.transaction(async (tx) => {
      await createRule(tx, { id, teamId: team.id, directoryId: row.id, wish: body.wish, groupKey });
      await recordAudit(tx, ctx, {
        action: 'team-rule.create',
        object: { kind: 'team', id: team.id, name: team.name },
        detail: { directory: row.name, wish: body.wish },
      });
      await database.announce(tx, 'team', [team.id]);
    });
    // Whom it takes in is there at once; where a sync is under way already, the next full one brings them.
    if (row.enabled)
      await runSync(deps, row, { kind: 'full', ctx, startedBy: ctx.subject.name }).catch(() => undefined);
    return viewOf(await getRule(db, team.id, id));
  });

  mount(directoryRoutes.removeRule, async ({ params, ctx }) => {
    ctx.authorize('team.edit');
    const team = await getTeam(db, params.id);
    const rule = await getRule(db, team.id, params.rule);
    await database.transaction(async (tx) => {
      const people = await removeRule(tx, rule.id);
      await recordAudit(tx, ctx, {
        action: 'team-rule.remove',
        object: { kind: 'team', id: team.id, name: team.name },
        detail: { directory: rule.directory, wish: rule.wish as TeamRuleWish, left: people.length },
      });
      await database.announce(tx, 'team', [team.id]);
      for (const kind of ['grant', 'user'] as const) await database.announce(tx, kind, people);
    });
    return null;
  });
};
