import { DomainError } from '@portreeve/domain';
import {
  AndFilter,
  EqualityFilter,
  type Filter,
  FilterParser,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
} from 'ldapts';

/** Filters are objects: what a person typed is a value in them and never a part of their text. */
export const equals = (attribute: string, value: string | Buffer): Filter =>
  new EqualityFilter({ attribute, value });
export const and = (...filters: Filter[]): Filter =>
  filters.length === 1 && filters[0] ? filters[0] : new AndFilter({ filters });
export const or = (filters: Filter[]): Filter =>
  filters.length === 1 && filters[0] ? filters[0] : new OrFilter({ filters });
export const anything = (): Filter => new PresenceFilter({ attribute: 'objectClass' });

export const substring = (attribute: string, part: string): Filter =>
  part === '' ? new PresenceFilter({ attribute }) : new SubstringFilter({ attribute, any: [part] });

/** An administrator's filter. Throws `request.invalid`. */
export const parseFilter = (text: string): Filter => {
  try {
    return FilterParser.parseString(text);
  } catch (cause) {
    throw new DomainError('request.invalid', `“${text}” is no LDAP filter.`, {
      hint: 'Write it like (&(objectClass=person)(department=shop)).',
      cause,
    });
  }
};

/** Every byte of a value as `\xx`: for a library that builds its filter from text. */
export const escapedBytes = (value: string): string =>
  [...Buffer.from(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
