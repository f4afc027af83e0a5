// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of Compose, not of this language.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDotenv } from '../src/dotenv.ts';
import { read, saidOf, specOf, withService } from './reading.ts';

const parsed = (text: string, raw = false) =>
  Object.fromEntries(
    parseDotenv(text, (name) => (name === 'SET' ? 'set' : undefined), raw).entries.map((e) => [
      e.name,
      e.value,
    ]),
  );

describe('dotenv', () => {
  test.each([
    ['A=1', { A: '1' }],
    ['# comment\n\nexport A=1\r\nB = 2 ', { A: '1', B: '2' }],
    ['A=1 # comment', { A: '1' }],
    ['A=1#2', { A: '1#2' }],
    ['A=#2', { A: '#2' }],
    ['A: 1', { A: '1' }],
    ['A=', { A: '' }],
    ['A', { A: undefined }],
    [`A='x $SET # y'`, { A: 'x $SET # y' }],
    ['A="x $SET # y"', { A: 'x set # y' }],
    ['A="a\\nb\\t\\"c\\""', { A: 'a\nb\t"c"' }],
    ['A="a\\$SET"', { A: 'a$SET' }],
    ['A="a\nb"\nC=1', { A: 'a\nb', C: '1' }],
    ['A=1\nB=${A}2${SET}', { A: '1', B: '12set' }],
    ['A=${NOPE:-d}', { A: 'd' }],
    ['A=a=b', { A: 'a=b' }],
  ])('%j', (text, values) => {
    expect(parsed(text)).toEqual(values);
  });

  test('raw takes values as they are', () => {
    expect(parsed('A="$SET" # x', true)).toEqual({ A: '"$SET" # x' });
  });

  test.each(['=1', 'A B=1', '1A=2', 'A="x', 'A="x"y', 'A=${', 'A=${NOPE?}'])(
    '%j is a problem with its line',
    (text) => {
      expect(parseDotenv(`OK=1\n${text}`, () => undefined, false).problems).toMatchObject([{ line: 2 }]);
    },
  );

  test('a value in single quotes is read back', () => {
    const value = fc.string().filter((text) => !/['\\\r]/.test(text));
    fc.assert(fc.property(value, (text) => parsed(`A='${text}'`).A === text));
  });

  test('no text makes it throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseDotenv(text, () => undefined, false)));
  });
});

describe('environment', () => {
  test.each([
    ['environment: { A: 1, B: "" }', { A: '1', B: '' }],
    ['environment: [A=1, B=, C=x=y]', { A: '1', B: '', C: 'x=y' }],
    ['environment: [GIVEN]', { GIVEN: 'g' }],
    ['environment: { GIVEN: }', { GIVEN: 'g' }],
    ['env_file: a.env', { A: 'file', B: 'b' }],
    ['env_file: [a.env, { path: b.env }]', { A: 'second', B: 'b', G: 'g' }],
    ['env_file: { path: a.env }', undefined],
    ['env_file: [{ path: nope.env, required: false }]', {}],
    ['env_file: [{ path: raw.env, format: raw }]', { R: '"x"' }],
    ['env_file: a.env\nenvironment: { A: own }', { A: 'own', B: 'b' }],
  ])('%s', (keys, environment) => {
    const { application } = read(withService(keys), {
      values: { GIVEN: 'g' },
      files: { 'a.env': 'A=file\nB=b', 'b.env': 'A=second\nG=${GIVEN}', 'raw.env': 'R="x"' },
    });
    expect(application?.services[0]?.spec.environment).toEqual(environment);
  });

  test('a name without a value that was not given is left away and warned of', () => {
    const text = withService('environment: [HOME]');
    expect(specOf(text).environment).toEqual({});
    expect(saidOf(text, {}, 'warning')).toEqual([
      'services.web.environment[0]: HOME has no value here and none was given, so it is left away; give it one.',
    ]);
  });

  test('a problem in an env_file is told with the file and its line', () => {
    const { diagnostics } = read(withService('env_file: a.env'), { files: { 'a.env': 'A=1\n???' } });
    expect(diagnostics).toMatchObject([{ file: 'a.env', line: 2, path: 'services.web.env_file' }]);
  });

  test('what an env_file leaves empty or away is warned of with its line, and can be given', () => {
    const { diagnostics, variables } = read(withService('env_file: a.env'), {
      files: { 'a.env': 'A=1\nB=$A$NOPE\nHOME' },
    });
    expect(diagnostics).toMatchObject([
      { severity: 'warning', file: 'a.env', line: 2, message: expect.stringContaining('NOPE has no value') },
      { severity: 'warning', file: 'a.env', line: 3, message: expect.stringContaining('HOME has no value') },
    ]);
    expect(variables.map(({ name }) => name)).toEqual(['NOPE', 'HOME']);
  });

  test.each([
    ['env_file: nope.env', 'The bundle has no file nope.env; add it, or correct the name.'],
    ['env_file: ../x.env', '../x.env is outside the bundle; put the file into it.'],
    ['environment: [A=1, A=2]', 'A stands here a second time; keep one of them.'],
    ['environment: [=1]', 'This name is not possible; write NAME=value with another name.'],
    ['environment: [__proto__=1]', 'This name is not possible'],
  ])('%s is an error', (keys, message) => {
    expect(saidOf(withService(keys)).join('\n')).toContain(message);
  });
});
