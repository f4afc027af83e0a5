import { ServiceSpec } from '@portreeve/domain';

/** One field that differs. Absent `from`: it is new; absent `to`: it is gone. */
export type SpecChange = { path: string; from?: unknown; to?: unknown };

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What names an entry of a list, so that a port or mount is compared with itself and not with its neighbour. */
const LIST_KEYS: Record<string, (entry: Json) => string> = {
  ports: (port) => `${port.target}/${port.protocol}`,
  mounts: (mount) => `${mount.target}`,
  configs: (grant) => `${grant.target}`,
  secrets: (grant) => `${grant.target}`,
  networks: (network) => `${network.name}`,
  dependsOn: (dependency) => `${dependency.service}`,
  devices: (device) => `${device.target}`,
  extraHosts: (entry) => `${entry.host}`,
};

const byKey = (list: unknown[], keyOf: (entry: Json) => string): Map<string, unknown> => {
  const entries = new Map<string, unknown>();
  for (const entry of list.filter(isObject)) {
    let key = keyOf(entry);
    while (entries.has(key)) key += "'";
    entries.set(key, entry);
  }
  return entries;
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key])]),
  );
};

const leaf = (path: string, from: unknown, to: unknown): SpecChange[] => {
  if (same(from, to)) return [];
  return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
};

const compareLists = (path: string, from: unknown[], to: unknown[]): SpecChange[] => {
  const keyOf = LIST_KEYS[path];
  if (keyOf === undefined) return leaf(path, from, to);
  const before = byKey(from, keyOf);
  const after = byKey(to, keyOf);
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.flatMap((key) => compare(`${path}[${key}]`, before.get(key), after.get(key)));
};

const compare = (path: string, from: unknown, to: unknown): SpecChange[] => {
  if (Array.isArray(from) && Array.isArray(to)) return compareLists(path, from, to);
  if (!isObject(from) || !isObject(to)) return leaf(path, from, to);
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return keys.flatMap((key) => compare(path === '' ? key : `${path}.${key}`, from[key], to[key]));
};

/**
 * The fields in which two specs differ, with paths such as `environment.PORT` and `ports[80/tcp].published`.
 * Without `from`: what `to` says beyond the defaults.
 */
export const diffSpec = (from: ServiceSpec | undefined, to: ServiceSpec): SpecChange[] => {
  if (from !== undefined) return compare('', from, to);
  return [{ path: 'image', to: to.image }, ...compare('', ServiceSpec.parse({ image: to.image }), to)];
};
