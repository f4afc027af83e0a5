import { DomainError } from '@portreeve/domain';
import { ResultCodeError, SizeLimitExceededError } from 'ldapts';

export type Step = 'connect' | 'tls' | 'bind' | 'search';

/** A directory that could not be asked, and at which step that ended. Says nothing about a person. */
export class DirectoryProblem extends Error {
  readonly step: Step;
  constructor(step: Step, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DirectoryProblem';
    this.step = step;
  }
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name cannot be looked up at the moment',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'it ended the connection',
  EPIPE: 'it ended the connection',
  ETIMEDOUT: 'it does not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from a CA that is not trusted here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself and not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from a CA that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from a CA that is not trusted here',
};

/** Control characters that a directory put into its words are shown as what they are. */
const shown = (text: string): string =>
  text.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`).slice(0, 300);

/** What went wrong, for a person. */
export const inWords = (error: unknown): string => {
  if (!(error instanceof Error)) return shown(String(error));
  const { code } = error as { code?: unknown };
  const known = typeof code === 'string' ? WORDS[code] : undefined;
  if (known) return known;
  if (error instanceof SizeLimitExceededError)
    return 'it cuts the answer short: let the service account read all pages (OpenLDAP: size.prtotal=unlimited)';
  if (error instanceof ResultCodeError)
    return shown(error.message.replace(/\s*Code: 0x[0-9a-f]+$/, ` (LDAP ${error.code})`));
  return shown(error.message.replace(/\.$/, ''));
};

/** What a person is told who signs in, or an administrator who asks for something of it. */
export const unavailable = (name: string, problem: unknown): DomainError => {
  const why = problem instanceof Error ? problem.message : String(problem);
  return new DomainError('directory.unavailable', `The directory “${name}” cannot be asked: ${shown(why)}`, {
    hint: 'Try again in a moment. Accounts of the console itself go on working.',
    retryAfterSeconds: 5,
    cause: problem,
  });
};
