import { directoryRoutes, type SyncPreview } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { recordAudit } from '../../audit/audit.store.ts';
import type { RequestContext } from '../../platform/http/context.ts';
import type { Mount } from '../../platform/http/http.ts';
import { withConnection } from './connection.ts';
import { type DirectoryRow, getDirectory, reachOf, rulesOf } from './directories.store.ts';
import { substring } from './filters.ts';
import { permissionsOfTeams } from './follows.store.ts';
import { findGroups, type PersonsGroup } from './groups.ts';
import { rulesFor } from './persons-rules.ts';
import { type Planned, planSync } from './plan-sync.ts';
import { unavailable } from './problem.ts';
import { allowanceIn, getRun, linesOf, pageOfRuns, type RunRow, runView } from './runs.store.ts';
import { checkedConfiguration, passwordFor } from './save.ts';
import type { SignInDeps } from './sign-in.service.ts';
import { runSync, type SyncWish } from './sync.ts';
import { countsOf, holdText, teamNames } from './sync-words.ts';
import { hasFailed, type Tried, tryOut } from './try-out.ts';

const SHOWN = 500;
const GROUPS_SHOWN = 50;
const LONGEST_QUESTION_MS = 5_000;

const previewOf = (planned: Planned): SyncPreview => {
  const { plan, snapshot, rules } = planned;
  const teams = teamNames(rules);
  const byId = new Map(snapshot.known.map((person) => [person.id, person]));
  const idByKey = new Map(snapshot.known.map(({ id, key }) => [key, id]));
  const nameByKey = new Map(snapshot.seen.map(({ key, username }) => [key, username]));
  const account = (id: string) => ({ id, name: byId.get(id)?.username ?? id });
  const entry = (key: string) => ({ id: idByKey.get(key) ?? null, name: nameByKey.get(key) ?? key });
  const team = (teamId: string) => ({ teamId, team: teams.get(teamId) ?? teamId });
  return {
    counts: countsOf(planned),
    created: plan.create.slice(0, SHOWN).map(({ key }) => entry(key)),
    joined: plan.join.slice(0, SHOWN).map(({ teamId, key }) => ({ ...team(teamId), person: entry(key) })),
    left: plan.leave
      .slice(0, SHOWN)
      .map(({ teamId, userId }) => ({ ...team(teamId), person: account(userId) })),
    disabled: plan.disable.slice(0, SHOWN).map(({ id }) => account(id)),
    enabled: plan.enable.slice(0, SHOWN).map(account),
    held: plan.held.map((hold) => holdText(hold, teams)),
  };
};

const groupView = ({ writtenDn, name, direct }: PersonsGroup) => ({ dn: writtenDn, name, direct });

/** Trying a configuration out, and syncs: looking ahead, starting, saying yes, and reading what came of them. */
export const mountSyncRoutes = (mount: Mount, deps: SignInDeps): void => {
  const { database, keys, verify } = deps;
  const db = database.prisma;

  /** The teams that would follow for whom the test found, and what these may. */
  const following = async (
    tried: Tried,
    directoryId: string | undefined,
    configuration: Parameters<typeof rulesFor>[0],
  ) => {
    const { entry } = tried;
    if (!entry || hasFailed(tried)) return { teams: [], permissions: [] };
    const rules = directoryId ? await rulesOf(db, directoryId) : [];
    const until = performance.now() + LONGEST_QUESTION_MS;
    const readings = await rulesFor(configuration, rules, entry, until);
    const ids = new Set(readings.filter(({ members }) => members.has(entry.key)).map(({ teamId }) => teamId));
    const teams = [...teamNames(rules)].flatMap(([id, name]) => (ids.has(id) ? [{ id, name }] : []));
    return { teams, permissions: await permissionsOfTeams(db, [...ids], new Date()) };
  };

  mount(directoryRoutes.test, async ({ body, ctx, http }) => {
    const row = body.directoryId ? await getDirectory(db, body.directoryId) : undefined;
    const configuration = checkedConfiguration(body.configuration);
    const reach = { configuration, password: passwordFor({ ...body, configuration }, row, keys) };
    const { username, userPassword } = body;
    const tried = await tryOut({ reach, username, userPassword }, http && { verify, http });
    const follows = await following(tried, row?.id, reach).catch((error: unknown) => {
      throw unavailable(row?.name ?? configuration.urls[0] ?? '', error);
    });
    await database.transaction((tx) =>
      recordAudit(tx, ctx, {
        action: 'directory.test',
        object: { kind: 'directory', ...(row ? { id: row.id, name: row.name } : {}) },
        detail: { urls: configuration.urls, ok: !hasFailed(tried), ...(username ? { username } : {}) },
      }),
    );
    if (tried.entry && !hasFailed(tried))
      tried.steps.push({
        ...{ name: 'teams', state: 'ok', hint: '', ms: 0 },
        text: row
          ? `${follows.teams.length} teams would follow.`
          : 'Teams follow from rules, once it is kept.',
      });
    return {
      ok: !hasFailed(tried),
      steps: tried.steps,
      entry: tried.entry ?? null,
      groups: tried.groups.map(groupView),
      ...follows,
    };
  });

  mount(directoryRoutes.preview, async ({ params, ctx }) => {
    ctx.authorize('directory.read');
    const row = await getDirectory(db, params.id);
    const planned = await planSync(deps, row, 'full').catch((error: unknown) => {
      throw unavailable(row.name, error);
    });
    return previewOf(planned);
  });

  const started = async (
    ctx: RequestContext,
    row: DirectoryRow,
    wish: Pick<SyncWish, 'kind' | 'allowance'>,
  ) => {
    if (!row.enabled)
      throw new DomainError('conflict.state', `${row.name} is switched off.`, {
        hint: 'Switch it on, and it is synced by itself.',
      });
    await database.transaction((tx) =>
      recordAudit(tx, ctx, {
        action: wish.allowance ? 'directory.confirm' : 'directory.sync-now',
        object: { kind: 'directory', id: row.id, name: row.name },
        detail: {
          kind: wish.kind,
          ...(wish.allowance ? { ...wish.allowance, emptied: [...wish.allowance.emptied] } : {}),
        },
      }),
    );
    const run = await runSync(deps, row, { ...wish, ctx, startedBy: ctx.subject.name });
    if (run) return run;
    throw new DomainError('conflict.state', 'Another sync took the place of this one.');
  };

  mount(directoryRoutes.sync, async ({ params, body, ctx }) => {
    ctx.authorize('directory.edit');
    return started(ctx, await getDirectory(db, params.id), body);
  });

  mount(directoryRoutes.confirm, async ({ params, ctx }) => {
    ctx.authorize('directory.edit');
    const row = await getDirectory(db, params.id);
    const run: RunRow = await getRun(db, row.id, params.run);
    const allowance = allowanceIn(run);
    if (row.heldRunId !== run.id || !allowance)
      throw new DomainError('conflict.state', 'This sync does not wait for a yes.', {
        hint: 'Look at the directory: another one may have taken its place.',
      });
    return started(ctx, row, { kind: 'full', allowance });
  });

  mount(directoryRoutes.runs, async ({ params, query, ctx }) => {
    ctx.authorize('directory.read');
    const row = await getDirectory(db, params.id);
    const page = await pageOfRuns(database, row.id, query);
    return { ...page, items: page.items.map(runView) };
  });

  mount(directoryRoutes.run, async ({ params, ctx }) => {
    ctx.authorize('directory.read');
    const row = await getDirectory(db, params.id);
    const run = await getRun(db, row.id, params.run);
    return { ...runView(run), log: linesOf(run) };
  });

  mount(directoryRoutes.groups, async ({ params, query, ctx }) => {
    ctx.authorize('directory.read');
    const row = await getDirectory(db, params.id);
    const reach = reachOf(row, keys);
    const { groups } = reach.configuration;
    if (!groups) return { groups: [] };
    const filter = substring(groups.nameAttribute, query.name);
    const found = await withConnection(reach, performance.now() + LONGEST_QUESTION_MS, (connection) =>
      findGroups(connection, reach.configuration, filter, GROUPS_SHOWN),
    ).catch((error: unknown) => {
      throw unavailable(row.name, error);
    });
    return { groups: found.map(({ writtenDn, name }) => ({ dn: writtenDn, name })) };
  });
};
