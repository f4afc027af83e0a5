import { type TeamMemberView, type TeamView, teamRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { announceGrants } from '../access/announce.ts';
import { endGrantsOfTeam, grantsOfTeam } from '../access/grants.store.ts';
import { requireHandOn } from '../access/hand-on.ts';
import { handedBy } from '../access/handed-by.ts';
import { requireSomewhere } from '../access/somewhere.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { changeOf } from '../audit/change.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { getAccount } from './accounts.store.ts';
import { sourceView } from './source-view.ts';
import {
  addByHand,
  changeTeam,
  createTeam,
  emptyTeam,
  getMember,
  getTeam,
  lockTeam,
  type MemberRow,
  pageOfMembers,
  pageOfTeams,
  removeByHand,
  type TeamRow,
} from './teams.store.ts';

const viewOf = (row: TeamRow): TeamView => ({ ...row, createdAt: row.createdAt.toISOString() });
const memberView = ({ sources, since, ...row }: MemberRow): TeamMemberView => ({
  ...row,
  since: since.toISOString(),
  sources: sources.map((source) => sourceView({ ...source, since: new Date(source.since) })),
});

const entry = (action: string, { id, name }: { id: string; name: string }) => ({
  ...{ action, projectPath: '/' },
  object: { kind: 'team', id, name },
});
const nameTaken = (name: string) => (error: unknown) => {
  if (!isUniqueViolation(error)) throw error;
  throw new DomainError('conflict.name', `There is a team ${name} already.`);
};
const changedMeanwhile = (name: string): DomainError =>
  new DomainError('conflict.version', `Someone else changed the team ${name} meanwhile.`);

/** Teams and who is in them. They are of the cluster: seen by who may read teams anywhere, changed at the root alone. */
export const mountTeamRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;

  mount(
    teamRoutes.list,
    async ({ query, ctx }) => {
      requireSomewhere(ctx, 'team.read');
      const page = await pageOfTeams(db, query);
      return { ...page, items: page.items.map(viewOf) };
    },
    { project: 'resolved' },
  );
  mount(teamRoutes.get, async ({ params, ctx }) => {
    requireSomewhere(ctx, 'team.read');
    return viewOf(await getTeam(db, params.id));
  });
  mount(teamRoutes.members, async ({ params, query, ctx }) => {
    requireSomewhere(ctx, 'team.read');
    const team = await getTeam(db, params.id);
    const page = await pageOfMembers(db, team.id, query);
    return { ...page, items: page.items.map(memberView) };
  });

  mount(teamRoutes.create, async ({ body, ctx }) => {
    const team = { id: uuid(), ...body };
    await database
      .transaction(async (tx) => {
        await createTeam(tx, team);
        await recordAudit(tx, ctx, {
          ...entry('team.create', team),
          detail: { description: body.description },
        });
        await database.announce(tx, 'team', [team.id]);
      })
      .catch(nameTaken(body.name));
    return viewOf(await getTeam(db, team.id));
  });
  mount(teamRoutes.edit, async ({ params, body, ctx, version }) => {
    ctx.authorize('team.edit');
    const row = await getTeam(db, params.id);
    await database
      .transaction(async (tx) => {
        if (!(await changeTeam(tx, row.id, version, body))) throw changedMeanwhile(row.name);
        const before = { name: row.name, description: row.description };
        await recordAudit(tx, ctx, {
          ...entry('team.edit', row),
          detail: changeOf(before, body),
        });
        await database.announce(tx, 'team', [row.id]);
      })
      .catch(nameTaken(body.name ?? row.name));
    return viewOf(await getTeam(db, row.id));
  });
  mount(teamRoutes.remove, async ({ params, ctx, version }) => {
    ctx.authorize('team.edit');
    const row = await getTeam(db, params.id);
    await database.transaction(async (tx) => {
      const now = new Date();
      if (!(await changeTeam(tx, row.id, version, { removedAt: now }))) throw changedMeanwhile(row.name);
      const members = await emptyTeam(tx, row.id);
      const grants = await endGrantsOfTeam(tx, row.id, now);
      await recordAudit(tx, ctx, {
        ...entry('team.remove', row),
        detail: { memberships: members, grants: grants.map(({ id }) => id) },
      });
      await announceGrants(database, tx, grants);
      await database.announce(tx, 'team', [row.id]);
    });
    return null;
  });

  const member = async (tx: Tx, team: TeamRow, userId: string): Promise<TeamMemberView> => {
    const found = await getMember(tx, team.id, userId);
    if (found) return memberView(found);
    throw new DomainError('not-found', `There is no such person in ${team.name}.`);
  };
  mount(teamRoutes.addMember, async ({ params, ctx }) => {
    ctx.authorize('team.edit');
    const team = await getTeam(db, params.id);
    const person = await getAccount(db, params.user, 'person');
    return database.transaction(async (tx) => {
      if (!(await lockTeam(tx, team.id))) throw new DomainError('not-found', 'There is no such team.');
      // Whoever puts somebody into a team gives them all that the team was granted.
      requireHandOn(ctx.subject, handedBy(await grantsOfTeam(tx, team.id)), `The team ${team.name}`);
      const isNew = await addByHand(tx, team.id, person.id);
      await recordMember(tx, ctx, 'team.add-member', team, person);
      if (isNew) await database.announce(tx, 'team', [team.id, person.id]);
      return member(tx, team, person.id);
    });
  });
  mount(teamRoutes.removeMember, async ({ params, ctx }) => {
    ctx.authorize('team.edit');
    const team = await getTeam(db, params.id);
    const person = await getAccount(db, params.user, 'person');
    return database.transaction(async (tx) => {
      const gone = await removeByHand(tx, team.id, person.id);
      const left = await getMember(tx, team.id, person.id);
      if (!gone && !left) throw new DomainError('not-found', `${person.name} is not in ${team.name}.`);
      if (!gone)
        throw new DomainError('conflict.state', `${person.name} is in ${team.name} by a rule, not by hand.`, {
          hint: 'Change the rule of the team, or the group in the directory.',
        });
      await recordMember(tx, ctx, 'team.remove-member', team, person);
      await database.announce(tx, 'team', [team.id, person.id]);
      return { stillByRule: left !== undefined };
    });
  });
};

const recordMember = (
  tx: Tx,
  ctx: RequestContext,
  action: string,
  team: TeamRow,
  { id, name }: { id: string; name: string },
): Promise<void> =>
  recordAudit(tx, ctx, { ...entry(action, team), detail: { member: { id, name }, by: 'hand' } });
