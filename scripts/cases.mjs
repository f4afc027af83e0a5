// The security and fault cases that are due: each has a test whose name begins with its number, or the run fails.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './node.mjs';

/** Numbers that need a test by now. One is added when it falls due, and never taken away. */
const DUE = [
  ...['S-5', 'S-7', 'S-10', 'S-11', 'S-12', 'S-29', 'S-30', 'S-31', 'S-32', 'S-34'],
  ...['S-39', 'S-40', 'S-41', 'S-42', 'S-43', 'S-44', 'S-45', 'S-46'],
  ...['F-1', 'F-3', 'F-4', 'F-5', 'F-7', 'F-9', 'F-10', 'F-11', 'F-12', 'F-14', 'F-16', 'F-18', 'F-19'],
  ...['S-13', 'S-14', 'S-15', 'S-16', 'S-17'],
  ...['F-20', 'F-21', 'F-22', 'F-23', 'F-27'],
];

const IGNORED = new Set(['node_modules', '.next', 'dist', 'generated']);
const testsBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !IGNORED.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return testsBelow(path);
      return /\.(test|spec)\.tsx?$/.test(entry.name) ? [path] : [];
    });

/** The name of a test stands first after `it(`, `test(`, or the second parenthesis of `test.each(…)(`; rules of SPEC.md may stand beside the case. */
const NAME = /(?:^[ \t]*(?:it|test)|^(?![ \t]*(?:\/\/|\*)).*\))\(\s*['"`]((?:[A-Z]{1,2}-?\d+ )+)/gm;

/** Case number → files with a test of it. */
const casesWithTests = () => {
  const found = new Map();
  for (const path of ['apps', 'packages', 'e2e'].flatMap((top) => testsBelow(join(ROOT, top))))
    for (const [, numbers] of readFileSync(path, 'utf8').matchAll(NAME))
      for (const number of numbers.trim().split(' '))
        found.set(number, new Set([...(found.get(number) ?? []), relative(ROOT, path)]));
  return found;
};

/** Sentences about due cases without a test; empty when all is well. */
export const checkCases = () => {
  const found = casesWithTests();
  return DUE.filter((number) => !found.has(number)).map(
    (number) => `${number} is due and no test's name begins with it`,
  );
};
