/** Why a directory does not take a person's name and password. */
export type Refusal =
  | 'unknown'
  | 'wrong'
  | 'locked'
  | 'expired'
  | 'must-change'
  | 'disabled'
  | 'account-expired'
  | 'not-now';

/** Active Directory says why in the text of its answer; elsewhere a wrong password is all that is said. */
const BY_CODE: Record<string, Refusal> = {
  '525': 'unknown',
  '52e': 'wrong',
  '530': 'not-now',
  '531': 'not-now',
  '532': 'expired',
  '533': 'disabled',
  '701': 'account-expired',
  '773': 'must-change',
  '775': 'locked',
};
export const refusalIn = (text: string): Refusal =>
  BY_CODE[/\bdata ([0-9a-f]+)\b/i.exec(text)?.[1]?.toLowerCase() ?? ''] ?? 'wrong';

const WRONG = 'Name or password is wrong.';
/**
 * What may be said. Only who knows the password learns more than that it did not do: a directory tells that an
 * account is locked whatever the password, so that one is told like a wrong one.
 */
const TEXT: Record<Refusal, string> = {
  unknown: WRONG,
  wrong: WRONG,
  locked: WRONG,
  expired: 'Your password has expired: the directory wants a new one first.',
  'must-change': 'The directory wants you to choose a new password first.',
  disabled: 'This account is disabled in the directory.',
  'account-expired': 'This account has expired in the directory.',
  'not-now': 'The directory does not let you sign in at this time or from here.',
};
export const refusalText = (refusal: Refusal): string => TEXT[refusal];

export const refusalHint = (refusal: Refusal): string => {
  if (TEXT[refusal] === WRONG)
    return 'After several wrong passwords a directory locks an account for a while, for the right one too.';
  if (refusal === 'expired' || refusal === 'must-change')
    return 'Change it where your company lets you, and sign in with the new one.';
  return 'Ask whoever looks after the directory.';
};
