/** What kind of text a single value is; a list of texts means that only these are possible. */
export type ScalarKind = 'text' | 'integer' | 'number' | 'boolean' | 'duration' | 'bytes' | readonly string[];

/**
 * One shape a value may have. `map` has names chosen by the person, each with a value where it is `full`; `section`
 * has the keys of that section.
 */
export type Form =
  | { is: 'scalar'; of: ScalarKind }
  | { is: 'list'; of: readonly Form[] }
  | { is: 'map'; of: readonly Form[]; full?: true }
  | { is: 'section'; of: string };

/**
 * How `extends` brings two values together where it is not the usual way (scalars replaced, lists joined,
 * mappings merged): `replace` as a whole, `pairs` by the name before `=`, `names` by name with settings,
 * `target` by what the items are mounted on, `driver` merged only while the driver is the same.
 */
export type Merge = 'replace' | 'pairs' | 'names' | 'target' | 'driver';

/** A key that is honoured (`does` says how) or refused (`instead` says what to do, after "is not supported: "). */
export type KeyRule =
  | { does: string; form: readonly Form[]; merge?: Merge; required?: boolean }
  | { instead: string };
export type KeyRules = Readonly<Record<string, KeyRule>>;

/** A mapping of the Compose schema: where it stands, and a rule for each key it can have there. */
export type Section = { path: string; keys: KeyRules };
