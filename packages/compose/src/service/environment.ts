import { findText } from '../bundle.ts';
import { parseDotenv } from '../dotenv.ts';
import { itemsOf, member, type Spot, warn, wrong } from '../tree.ts';
import { asBoolean, asText } from '../values.ts';
import { noteUse } from '../variables.ts';
import { pairsOf } from './pairs.ts';
import { TOO_MUCH, type World } from './world.ts';

/**
 * Variables of the container: files of `env_file` in their order, then `environment` over them. A name without a
 * value takes the value given with the request, and is left away with a warning where none was given.
 */
export const readEnvironment = (service: Spot, world: World): Record<string, string> => {
  const environment = new Map<string, string>();
  const file = member(service, 'env_file');
  const files = file?.tree.kind === 'list' ? itemsOf(file) : file ? [file] : [];
  for (const at of files) readEnvFile(at, world, environment);
  for (const { name, value, at } of pairsOf(member(service, 'environment'))) {
    const given = value ?? inherited(name, at, world);
    if (given !== undefined) environment.set(name, given);
  }
  return Object.fromEntries(environment);
};

const leftAway = (name: string): string =>
  `${name} has no value here and none was given, so it is left away; give it one.`;

const inherited = (name: string, at: Spot, world: World): string | undefined => {
  noteUse(world.variables, { name, required: false, used: at.tree.place.line });
  const value = world.lookup(name);
  if (value === undefined) {
    warn(at, leftAway(name));
  }
  return value;
};

const readEnvFile = (at: Spot, world: World, environment: Map<string, string>): void => {
  const name = asText(at) ?? asText(member(at, 'path'));
  if (name === undefined) return;
  const found = findText(world.bundle, name, at.tree.place);
  if ('problem' in found) {
    if (asBoolean(member(at, 'required')) !== false) wrong(at, found.problem);
    return;
  }
  world.room.left -= found.content.length;
  if (world.room.left < 0) {
    wrong(at, TOO_MUCH);
    return;
  }
  const lookup = (variable: string): string | undefined => {
    noteUse(world.variables, { name: variable, required: false, used: at.tree.place.line });
    return world.lookup(variable);
  };
  const read = parseDotenv(found.content, lookup, asText(member(at, 'format')) === 'raw');
  const tell = (severity: 'error' | 'warning', { line, message }: { line: number; message: string }) =>
    at.report({ severity, message, file: found.path, line, column: 1, path: at.path });
  for (const problem of read.problems) tell('error', problem);
  for (const warning of read.warnings) tell('warning', warning);
  for (const entry of read.entries) {
    const value = entry.value ?? lookup(entry.name);
    if (value === undefined) tell('warning', { line: entry.line, message: leftAway(entry.name) });
    else if (entry.name !== '__proto__') environment.set(entry.name, value);
  }
};
