import { Authenticator } from '@fastify/passport';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Reach, withConnection } from './connection.ts';
import { dial, targetOf } from './dial.ts';
import type { PersonEntry } from './entry.ts';
import { DirectoryProblem, inWords } from './problem.ts';
import type { Refusal } from './refusals.ts';
import { type Credentials, type Failure, isLdapAuth, LDAPAUTH_WORDS, strategyFor } from './strategies.ts';

export type Asked = { request: FastifyRequest; reply: FastifyReply };
export type Verdict = { kind: 'in'; person: PersonEntry } | { kind: 'refused'; why: Refusal };
/** The one seam through which a person's password goes to a directory. Throws `DirectoryProblem`. */
export type Verify = (reach: Reach, who: Credentials, until: number, http: Asked) => Promise<Verdict>;

const LONGEST_NAME = 256;
const GRACE_MS = 100;

/** What no directory is asked: nothing, blanks, control characters, and what is too long for a name. */
export const isWorthAsking = ({ username, password }: Credentials): boolean =>
  username.trim() !== '' &&
  username.length <= LONGEST_NAME &&
  !/[\p{Cc}\p{Cs}\p{Cn}]/u.test(username) &&
  // An empty password would be an anonymous bind, which succeeds.
  password.trim() !== '' &&
  !password.includes('\0');

const problemOf = (error: unknown): DirectoryProblem =>
  error instanceof DirectoryProblem
    ? error
    : new DirectoryProblem('connect', `It cannot be asked: ${inWords(error)}.`, { cause: error });

const SEVERAL = /unexpected number of matches/;

/** Passport's way to ask one strategy; it may call back more than once, and the first call counts. */
const askStrategy = (
  authenticator: InstanceType<typeof Authenticator>,
  reach: Reach,
  [url, who, until]: [string, Credentials, number],
  { request, reply }: Asked,
): Promise<Verdict & { certain: boolean }> =>
  new Promise((resolve, reject) => {
    const strategy = strategyFor(reach, url, who, until);
    const certain = !isLdapAuth(strategy);
    const timer = setTimeout(
      () => reject(new DirectoryProblem('connect', 'It does not answer in time.')),
      // Whoever is asked has its own end of time, and says better what it was.
      Math.max(1, until - performance.now()) + GRACE_MS,
    );
    const handler = authenticator.authenticate(
      strategy,
      { session: false, authInfo: false, ...LDAPAUTH_WORDS },
      async (_request, _reply, error, person, info) => {
        clearTimeout(timer);
        if (error && SEVERAL.test(String(error)))
          return resolve({ kind: 'refused', why: 'unknown', certain });
        if (error) return reject(problemOf(error));
        if (person) return resolve({ kind: 'in', person: person as PersonEntry, certain });
        const failure = info as Failure | undefined;
        resolve({ kind: 'refused', why: failure?.message ?? 'wrong', certain });
      },
    );
    Promise.resolve(handler.call(request.server, request, reply)).catch((error: unknown) =>
      reject(problemOf(error)),
    );
    // The library notices an untrusted certificate only when its time is over, and has no words for it.
    if (!certain)
      dial(targetOf(url), reach.configuration, until - performance.now()).then(
        (socket) => socket.destroy(),
        reject,
      );
  });

/** Whether the service account is taken; its refusal looks like the person's otherwise. */
const requireService = (reach: Reach, url: string, until: number): Promise<void> =>
  withConnection(
    { ...reach, configuration: { ...reach.configuration, urls: [url] } },
    until,
    async () => undefined,
  );

/** Registers passport and returns how passwords are checked: address after address, within the time there is. */
export const createVerify = (app: FastifyInstance): Verify => {
  const authenticator = new Authenticator();
  // All of `initialize()` that is needed: its sessions and flash messages are not ours.
  app.decorateRequest('passport', { getter: () => authenticator });
  return async (reach, who, until, http) => {
    if (!isWorthAsking(who)) return { kind: 'refused', why: 'wrong' };
    let problem: unknown;
    for (const url of reach.configuration.urls) {
      if (problem !== undefined && performance.now() >= until) break;
      try {
        const { certain, ...verdict } = await askStrategy(authenticator, reach, [url, who, until], http);
        if (verdict.kind === 'refused' && !certain) await requireService(reach, url, until);
        return verdict;
      } catch (error) {
        problem = problemOf(error);
      }
    }
    throw problem;
  };
};
