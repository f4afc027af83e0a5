import { DomainError } from '@portreeve/domain';
import { planDirectory } from '@portreeve/planning';
import { recordAudit } from '../../audit/audit.store.ts';
import type { Database } from '../../platform/db/database.ts';
import { systemContext } from '../../platform/http/context.ts';
import type { ClusterKeys } from '../../platform/keys/cluster-key.ts';
import type { Reach } from './connection.ts';
import {
  type DirectoryRow,
  presentDirectories,
  reachOf,
  requireUnchanged,
  rulesOf,
} from './directories.store.ts';
import type { PersonEntry } from './entry.ts';
import { applyPlan, knownPeople, membershipsBeside } from './people.store.ts';
import { rulesFor } from './persons-rules.ts';
import { unavailable } from './problem.ts';
import { type Refusal, refusalHint, refusalText } from './refusals.ts';
import type { Asked, Verify } from './verify.ts';

/** The answer comes within five seconds, whatever the directories do. */
const LONGEST_MS = 4_000;

export type SignInDeps = { database: Database; keys: ClusterKeys; verify: Verify };
export type SignInWish = { name: string; password: string; directory?: string | undefined };
/** The account of the name that was typed, if there is one. */
export type NamedAccount = { id: string; directoryId: string | null };
export type SignInAnswer =
  /** No directory is to be asked: the console's own account decides. */
  | { kind: 'not-asked' }
  | { kind: 'in'; userId: string; directory: string }
  | { kind: 'refused'; refusal: DomainError; detail: { directory: string; why: Refusal } };

const ctx = systemContext('directory sign-in');

/**
 * Who is to be asked: whom the person chose, whose account it is, or all of them for a name that nobody has here any
 * more.
 */
const candidates = (
  present: readonly DirectoryRow[],
  wish: SignInWish,
  account: NamedAccount | undefined,
): readonly DirectoryRow[] => {
  const enabled = present.filter((directory) => directory.enabled);
  if (wish.directory !== undefined) return enabled.filter(({ id }) => id === wish.directory);
  if (account === undefined) return enabled;
  if (account.directoryId === null) return [];
  const isPresent = present.some(({ id }) => id === account.directoryId);
  return isPresent ? enabled.filter(({ id }) => id === account.directoryId) : enabled;
};

/** The account of an entry, made now where there is none, with its teams as the directory has them now. */
const settlePerson = async (
  { database }: SignInDeps,
  directory: DirectoryRow,
  reach: Reach,
  person: PersonEntry,
  until: number,
): Promise<string> => {
  const rules = await rulesOf(database.prisma, directory.id);
  const readings = await rulesFor(reach, rules, person, until);
  return database.transaction(async (tx) => {
    await requireUnchanged(tx, directory);
    const [known] = await knownPeople(tx, directory, [person], [person.key]);
    const plan = planDirectory(
      {
        ...{ seen: [person], judged: new Set([person.key]), rules: readings, createAccounts: true },
        known: known ? [known] : [],
        memberships: known ? await membershipsBeside(tx, directory.id, known.id) : [],
      },
      reach.configuration.guard,
    );
    await applyPlan(database, tx, directory, plan, new Date());
    const [account] = await knownPeople(tx, directory, [person], [person.key]);
    if (!account) throw new DomainError('internal', 'The account of an entry was not made.');
    if (plan.create.length > 0)
      await recordAudit(tx, ctx, {
        action: 'user.create',
        object: { kind: 'user', id: account.id, name: account.username },
        detail: { directory: directory.name, dn: person.dn },
      });
    return account.id;
  });
};

const refused = (directory: DirectoryRow, why: Refusal): SignInAnswer => ({
  kind: 'refused',
  refusal: new DomainError('auth.failed', refusalText(why), { hint: refusalHint(why) }),
  detail: { directory: directory.name, why },
});

/**
 * Signs a person in by their directory. Throws `directory.unavailable` when one that might know them cannot be asked.
 * A name that several directories know belongs to the first of them.
 */
export const signInByDirectory = async (
  deps: SignInDeps,
  wish: SignInWish,
  account: NamedAccount | undefined,
  http: Asked,
): Promise<SignInAnswer> => {
  const until = performance.now() + LONGEST_MS;
  const asked = candidates(await presentDirectories(deps.database.prisma), wish, account);
  const who = { username: wish.name, password: wish.password };
  let answer: SignInAnswer = { kind: 'not-asked' };
  let away: DomainError | undefined;
  for (const directory of asked) {
    try {
      const reach = reachOf(directory, deps.keys);
      const verdict = await deps.verify(reach, who, until, http);
      const why = verdict.kind === 'in' && verdict.person.disabled ? 'disabled' : undefined;
      if (verdict.kind === 'in' && !why) {
        const userId = await settlePerson(deps, directory, reach, verdict.person, until);
        return { kind: 'in', userId, directory: directory.name };
      }
      answer = refused(directory, why ?? (verdict.kind === 'refused' ? verdict.why : 'wrong'));
      if (answer.kind === 'refused' && answer.detail.why !== 'unknown') return answer;
    } catch (error) {
      if (error instanceof DomainError && error.code !== 'conflict.state') throw error;
      away ??= unavailable(directory.name, error);
    }
  }
  if (away) throw away;
  return answer;
};
