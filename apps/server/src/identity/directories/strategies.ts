import { Strategy } from '@fastify/passport';
import type { UserSearch } from '@portreeve/contract';
import { InvalidCredentialsError } from 'ldapts';
import { Strategy as LdapAuthStrategy, type LdapUser } from 'passport-ldapauth';
import { openConnection, type Reach, type Row, withConnection } from './connection.ts';
import { targetOf, tlsOptionsOf } from './dial.ts';
import { type PersonEntry, personAttributes, personOf } from './entry.ts';
import { escapedText, parseFilter } from './filters.ts';
import { findPerson } from './people.ts';
import { DirectoryProblem } from './problem.ts';
import { type Refusal, refusalIn } from './refusals.ts';

export type PassportStrategy = InstanceType<typeof Strategy>;
export type Credentials = { username: string; password: string };
/** What a strategy fails with. */
export type Failure = { message: Refusal };

/** The codes of Active Directory, as the library lets them be named. */
export const LDAPAUTH_WORDS = {
  invalidCredentials: 'wrong',
  userNotFound: 'unknown',
  noSuchObject: 'unknown',
  invalidLogonHours: 'not-now',
  invalidWorkstation: 'not-now',
  passwordExpired: 'expired',
  accountDisabled: 'disabled',
  accountExpired: 'account-expired',
  passwordMustChange: 'must-change',
  accountLockedOut: 'locked',
  constraintViolation: 'locked',
} as const satisfies Record<string, Refusal>;

/** Text values by attribute, and the bytes of the one whose text is garbled. */
const rowOf = ({ _raw, ...user }: LdapUser): Row => {
  const guid = _raw.objectGUID;
  return { ...user, ...(Buffer.isBuffer(guid) ? { objectGUID: guid } : {}) } as Row;
};

/** By passport-ldapauth: TLS from the first byte or none, and one search. */
const byLdapAuth = (reach: Reach, url: string, search: UserSearch, who: Credentials, leftMs: number) => {
  const { configuration, password } = reach;
  const filter = `(&${parseFilter(search.filter)}(${search.usernameAttribute}=${escapedText(who.username)}))`;
  return new LdapAuthStrategy(
    {
      server: {
        url,
        // None at all where it is empty: an empty one with an empty password is refused by some.
        ...(configuration.bindDn ? { bindDN: configuration.bindDn, bindCredentials: password } : {}),
        ...{ searchBase: search.base, searchScope: search.scope === 'one' ? 'one' : 'sub' },
        ...{ searchFilter: filter, searchAttributes: personAttributes(search, configuration) },
        ...{ includeRaw: true, strictDN: false },
        timeout: Math.min(configuration.operationTimeoutMs, leftMs),
        connectTimeout: Math.min(configuration.connectTimeoutMs, leftMs),
        tlsOptions: tlsOptionsOf(configuration, targetOf(url).host),
      },
      credentialsLookup: () => who,
    },
    (user, done) => done(null, personOf(rowOf(user), search, configuration, Date.now())),
  ) as unknown as PassportStrategy;
};

/** By `ldapts`: StartTLS, several searches. */
class DirectoryStrategy extends Strategy {
  readonly work: () => Promise<PersonEntry | Refusal>;
  constructor(work: () => Promise<PersonEntry | Refusal>) {
    super('directory');
    this.work = work;
  }
  override async authenticate(): Promise<void> {
    try {
      const found = await this.work();
      if (typeof found === 'string') this.fail({ message: found });
      else this.success(found);
    } catch (error) {
      this.error(error as Error);
    }
  }
}

/** The person's own bind, on a connection of its own. */
const tryPassword = async (
  reach: Reach,
  url: string,
  dn: string,
  password: string,
  until: number,
): Promise<Refusal | undefined> => {
  const connection = await openConnection(url, reach, until);
  try {
    await connection.bind(dn, password);
    return undefined;
  } catch (error) {
    const cause = error instanceof DirectoryProblem ? error.cause : undefined;
    if (cause instanceof InvalidCredentialsError) return refusalIn(cause.message);
    throw error;
  } finally {
    connection.close();
  }
};

const byLdapts = (reach: Reach, url: string, who: Credentials, until: number): PassportStrategy =>
  new DirectoryStrategy(async () => {
    const own = { ...reach, configuration: { ...reach.configuration, urls: [url] } };
    const person = await withConnection(own, until, (connection) =>
      findPerson(connection, reach.configuration, who.username),
    );
    if (!person) return 'unknown';
    return (await tryPassword(reach, url, person.dn, who.password, until)) ?? person;
  });

/** The strategy that can do what a configuration asks for. `until` is when it has to be over. */
export const strategyFor = (reach: Reach, url: string, who: Credentials, until: number): PassportStrategy => {
  const { users, security } = reach.configuration;
  const [search] = users;
  if (security === 'starttls' || users.length > 1 || !search) return byLdapts(reach, url, who, until);
  return byLdapAuth(reach, url, search, who, Math.max(1, until - performance.now()));
};

/** The library names neither a person's wrong password nor a refused service account as what it is. */
export const isLdapAuth = (strategy: PassportStrategy): boolean => !(strategy instanceof DirectoryStrategy);
