// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of Compose, not of this language.
import { ServiceSpec } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { keyTable, privilegesOf } from '../src/index.ts';
import { read, saidOf, specOf, withService } from './reading.ts';

// Many runs on machines that are busy with engines.
vi.setConfig({ testTimeout: 30_000 });

const SENTENCE = /^[^\n]{1,400}[.?]$/;

const isSound = ({ application, diagnostics }: ReturnType<typeof read>): void => {
  const unsound = diagnostics.filter(
    ({ message, line, column, file }) => !SENTENCE.test(message) || line < 1 || column < 1 || file === '',
  );
  expect(unsound).toEqual([]);
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  expect(application === undefined).toBe(hasErrors);
  for (const { spec } of application?.services ?? []) {
    expect(ServiceSpec.parse(spec)).toEqual(spec);
    privilegesOf(spec);
  }
};

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      null,
      true,
      0,
      -1,
      80,
      1.5,
      '',
      'a',
      '/a:/b',
      '80:80',
      '80-90:80',
      'A=1',
      '${A}',
      '${A',
      '1s',
      '64m',
      'host',
      'none',
    ),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
  ),
})).value;

const keysOf = (section: string) => Object.keys(keyTable[section]?.keys ?? {});
const mapWith = (section: string) =>
  fc.dictionary(fc.constantFrom(...keysOf(section)), value, { maxKeys: 6 });

describe('whatever is sent', () => {
  test('any text is answered with sentences', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), (text) => isSound(read(text))),
    );
  });

  test('any text made of the signs of YAML is answered with sentences', () => {
    const sign = fc.constantFrom(
      ...'{}[],:-?&*!|>\'"%@`#\n \t',
      'a',
      '<<',
      '---',
      '&a',
      '*a',
      '- ',
      ': ',
      'services',
      '\n  ',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 80 }), (signs) => isSound(read(signs.join('')))),
      { numRuns: 200 },
    );
  });

  test('any value under any key of a service is answered with sentences', () => {
    fc.assert(
      fc.property(mapWith('service'), mapWith('deploy'), (service, deploy) => {
        isSound(
          read(stringify({ services: { web: { image: 'a', deploy, ...service }, b: { extends: 'web' } } })),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('any value under any key of the top is answered with sentences', () => {
    fc.assert(
      fc.property(
        mapWith('compose'),
        mapWith('network'),
        mapWith('volume'),
        mapWith('config'),
        (top, network, volume, config) => {
          const services = { web: { image: 'a' } };
          isSound(
            read(
              stringify({
                services,
                networks: { n: network },
                volumes: { v: volume },
                configs: { c: config },
                ...top,
              }),
            ),
          );
        },
      ),
    );
  });

  test('S-45 text of the file arrives harmless in messages and paths', () => {
    const [problem] = read('services: { web: { image: a, "b\\e[31m\\u202e\\n": 1 } }').diagnostics;
    expect(problem?.message).toContain('b\\u{1b}[31m\\u{202e}\\u{a}');
    expect(problem?.path).toBe('services.web.b\\u{1b}[31m\\u{202e}\\u{a}');
  });

  test('services that multiply one text without end are refused', () => {
    const services = Array.from({ length: 200 }, (_, i) => `a${i}: { extends: base }`).join(', ');
    const text = `services: { base: { image: a, labels: { l: ${'x'.repeat(100_000)} } }, ${services} }`;
    expect(saidOf(text)).toEqual([expect.stringContaining('the file is larger than 8 MiB or 200000 values')]);
  });

  test('one file of the bundle that is used without end is refused', () => {
    const services = Array.from({ length: 100 }, (_, i) => `a${i}: { image: a, env_file: big }`).join(', ');
    const files = { big: `A=${'x'.repeat(100_000)}` };
    expect(saidOf(`services: { ${services} }`, { files }).join()).toContain('more than 8 MiB together');
  });

  test('no number of warnings hides what is wrong', () => {
    const names = Array.from({ length: 300 }, (_, i) => `A${i}`).join(', ');
    const rest = 'volumes: { v: { driver_opts: { type: none, o: bind, device: / } } }';
    const text = withService(`environment: [${names}]\nvolumes: ["v:/v"]`, rest);
    expect(read(text).application).toBeUndefined();
    expect(saidOf(text)).toHaveLength(3);
    expect(saidOf(text, {}, 'warning')).toHaveLength(200);
  });

  test('a long file of quoted variables is read in one go', () => {
    const files = { long: 'A="1"\nB=\'2\nlines\'\n'.repeat(60_000) };
    expect(specOf(withService('env_file: long'), { files }).environment).toEqual({ A: '1', B: '2\nlines' });
  });

  test('ranges that are exposed again and again are refused', () => {
    const ranges = Array.from({ length: 2_000 }, () => '"1-65535"').join(', ');
    expect(saidOf(withService(`expose: [${ranges}]`))).toEqual([
      'services.web.expose[0]: With this the service exposes more than 1000 ports; expose fewer.',
    ]);
  });

  test.each(['"a\\0"', '"\\ud800"', '{ "\\0": 1 }'])(
    'a text that no database stores is refused: %s',
    (text) => {
      expect(saidOf(withService(`labels: { a: ${text} }`)).join()).toContain(
        'a character that cannot be stored',
      );
    },
  );

  test('a file with problems in every line is cut short', () => {
    const lines = Array.from({ length: 1_000 }, (_, i) => `  a${i}: { image: a, nonsense: 1 }`);
    expect(saidOf(`services:\n${lines.join('\n')}`)).toHaveLength(200);
  });
});
