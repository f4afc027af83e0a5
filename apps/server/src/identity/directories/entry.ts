import type { DirectoryConfiguration, UserSearch } from '@portreeve/contract';
import type { SeenPerson } from '@portreeve/planning';
import type { Filter } from 'ldapts';
import type { Row } from './connection.ts';
import { equals } from './filters.ts';

export type PersonEntry = SeenPerson & { stamp: string };

/** Values of an attribute as text; a directory may write its name in another case than it was asked for. */
export const textsOf = (row: Row, name: string): string[] => {
  const key = Object.keys(row).find((each) => each.toLowerCase() === name.toLowerCase());
  const value = key === undefined ? [] : (row[key] ?? []);
  return (Array.isArray(value) ? value : [value]).map((each) => each.toString());
};
export const textOf = (row: Row, name: string): string => textsOf(row, name)[0] ?? '';

/** Microsoft prints the first three fields of a GUID with their bytes turned round. */
const guidOf = (bytes: Buffer): string => {
  const hex = (from: number, to: number, turned: boolean) => {
    const part = Buffer.from(bytes.subarray(from, to));
    return (turned ? part.reverse() : part).toString('hex');
  };
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join('-');
};
const bytesOfGuid = (guid: string): Buffer => {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
};

type Kind = Pick<DirectoryConfiguration, 'kind' | 'keyAttribute'>;
export const keyAttributeOf = ({ kind, keyAttribute }: Kind): string =>
  kind === 'active-directory' ? 'objectGUID' : keyAttribute;
export const stampAttributeOf = ({ kind }: Kind): string =>
  kind === 'active-directory' ? 'uSNChanged' : 'modifyTimestamp';

/** The stable id of an entry as text; empty when the directory gave none. */
export const keyOf = (row: Row, configuration: Kind): string => {
  const name = keyAttributeOf(configuration);
  const value = row[name];
  return Buffer.isBuffer(value) && value.length === 16 ? guidOf(value) : textOf(row, name);
};
export const byKey = (key: string, configuration: Kind): Filter => {
  const name = keyAttributeOf(configuration);
  return equals(name, configuration.kind === 'active-directory' ? bytesOfGuid(key) : key);
};

const ACCOUNT_DISABLED = 2;
/** Active Directory counts 100 ns from 1601 on; both ends of the count mean never. */
const NEVER = new Set(['', '0', '9223372036854775807']);
const TO_1970_MS = 11_644_473_600_000;
const momentOf = (ticks: string): number => Number(BigInt(ticks) / 10_000n) - TO_1970_MS;

const DISABLED_ATTRIBUTES = {
  'active-directory': ['userAccountControl', 'accountExpires'],
  openldap: ['pwdAccountLockedTime', 'nsAccountLock'],
} as const;
/** The password policy's mark for "locked until somebody unlocks it". */
const LOCKED_FOR_GOOD = '000001010000Z';

const isDisabled = (row: Row, { kind }: Kind, now: number): boolean => {
  if (kind === 'openldap')
    return (
      textOf(row, 'pwdAccountLockedTime') === LOCKED_FOR_GOOD ||
      textOf(row, 'nsAccountLock').toLowerCase() === 'true'
    );
  const expires = textOf(row, 'accountExpires');
  const isOver = /^\d+$/.test(expires) && !NEVER.has(expires) && momentOf(expires) <= now;
  return isOver || (Number(textOf(row, 'userAccountControl')) & ACCOUNT_DISABLED) !== 0;
};

/** What is asked of a person's entry. */
export const personAttributes = (search: UserSearch, configuration: Kind): string[] => [
  ...new Set([
    search.usernameAttribute,
    search.nameAttribute,
    search.mailAttribute,
    keyAttributeOf(configuration),
    stampAttributeOf(configuration),
    ...DISABLED_ATTRIBUTES[configuration.kind],
  ]),
];

const clean = (text: string, length: number): string =>
  text
    .normalize('NFC')
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, length);

/** A person as an entry tells of them; undefined for an entry that lacks what an account needs. */
export const personOf = (
  row: Row,
  search: UserSearch,
  configuration: Kind,
  now: number,
): PersonEntry | undefined => {
  const username = clean(textOf(row, search.usernameAttribute), 200);
  const key = keyOf(row, configuration);
  if (username === '' || key === '') return undefined;
  return {
    ...{ key, dn: row.dn, username },
    displayName: clean(textOf(row, search.nameAttribute), 200) || username,
    email: clean(textOf(row, search.mailAttribute), 300) || null,
    disabled: isDisabled(row, configuration, now),
    stamp: textOf(row, stampAttributeOf(configuration)),
  };
};
