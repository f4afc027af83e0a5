import { nearest } from './did-you-mean.ts';
import type { Form, KeyRules, ScalarKind } from './key-rules.ts';
import { keyTable } from './keys.ts';
import { entriesOf, isNull, itemsOf, member, type Place, type Spot, wrong } from './tree.ts';
import { asBoolean, asBytes, asDuration, asInteger, asNumber, asOneOf, asText, shown } from './values.ts';
import { isExtension } from './variables.ts';

/**
 * Checks every key of a mapping, and of all below it, against the key table: unknown and refused keys are errors
 * with what to do, as are values of another shape than the key takes. No key passes in silence.
 */
export const checkSection = (spot: Spot, name: string): void => {
  const section = keyTable[name];
  if (!section || spot.tree.kind !== 'map') return;
  for (const [key, { at }] of spot.tree.entries) {
    if (!isExtension(key)) checkKey(spot, key, at, section.keys);
  }
  for (const [key, rule] of Object.entries(section.keys)) {
    // What a service lacks is asked after `extends`, which may bring it.
    if (!('does' in rule) || !rule.required || name === 'service') continue;
    const given = spot.tree.entries.get(key);
    if (!given || isNull(given.value))
      wrong(spot, `${spot.path || 'The file'} needs the key ${key}; add it.`);
  }
};

const checkKey = (spot: Spot, key: string, place: Place, rules: KeyRules): void => {
  const path = spot.path === '' ? key : `${spot.path}.${key}`;
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
  if (!rule) {
    const meant = nearest(key, Object.keys(rules));
    const wayOut = meant ? `did you mean ${meant}?` : 'remove it, or begin it with x-.';
    spot.report({
      severity: 'error',
      message: `There is no key ${shown(key)} here; ${wayOut}`,
      ...place,
      path,
    });
    return;
  }
  if ('instead' in rule) {
    const message = `${key} is not supported: ${rule.instead.replaceAll('`', '')}.`;
    spot.report({ severity: 'error', message, ...place, path });
    return;
  }
  const value = member(spot, key);
  if (value) checkForm(value, rule.form);
};

const KIND_OF = { scalar: 'scalar', list: 'list', map: 'map', section: 'map' } as const;
const WORDS = { scalar: 'a single value', list: 'a list', map: 'a mapping', section: 'a mapping' } as const;

const READ_AS = {
  text: asText,
  integer: asInteger,
  number: asNumber,
  boolean: asBoolean,
  duration: asDuration,
  bytes: asBytes,
} as const;

/** Here as well as where the value is used, so that nothing passes because nobody came to use it. */
const checkScalar = (spot: Spot, kind: ScalarKind): void => {
  if (typeof kind === 'string') READ_AS[kind](spot);
  else asOneOf(spot, kind);
};

const checkForm = (spot: Spot, forms: readonly Form[]): void => {
  const form = forms.find((f) => KIND_OF[f.is] === spot.tree.kind);
  if (!form) {
    const wanted = [...new Set(forms.map((f) => WORDS[f.is]))].join(' or ');
    wrong(spot, `${spot.path} takes ${wanted}; write it so.`);
    return;
  }
  if (form.is === 'scalar') checkScalar(spot, form.of);
  if (form.is === 'section') checkSection(spot, form.of);
  if (form.is === 'list')
    for (const item of itemsOf(spot)) {
      if (isNull(item.tree)) wrong(item, `${item.path} is empty; write a value, or remove the line.`);
      else checkForm(item, form.of);
    }
  if (form.is !== 'map') return;
  for (const [, value] of entriesOf(spot)) {
    if (!isNull(value.tree)) checkForm(value, form.of);
    else if (form.full) wrong(value, `${value.path} is empty; write a value, or remove the line.`);
  }
};
