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

/**
 * A value for a library that builds its filter from text: every character of ASCII that is no letter or digit as `\xx`.
 * Others have no meaning in a filter, and are garbled by it when they are escaped.
 */
export const escapedText = (value: string): string =>
  value.replace(
    /[^A-Za-z0-9\u0080-\u{10ffff}]/gu,
    (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
