import { describe, expect, test } from 'vitest';
import { read, saidOf, specOf, withService } from './reading.ts';

describe('YAML', () => {
  test('a problem has file, line, column and path', () => {
    const { application, diagnostics } = read('services:\n  web:\n    image: web:1\n    ports: [70000]\n');
    expect(application).toBeUndefined();
    expect(diagnostics).toMatchObject([
      { severity: 'error', file: 'compose.yaml', line: 4, column: 13, path: 'services.web.ports[0]' },
    ]);
  });

  test('an unknown key is reported where the key stands', () => {
    const [problem] = read('services:\n  web:\n    image: web:1\n    imgae: b\n').diagnostics;
    expect(problem).toMatchObject({ line: 4, column: 5, path: 'services.web.imgae' });
  });

  test('anchors and merge keys are resolved, and own keys win over merged ones', () => {
    const text = `
x-env: &env { A: '1', B: '2' }
x-more: &more { B: '3', C: '4' }
services:
  web:
    image: web:1
    environment:
      <<: [*env, *more]
      A: own
`;
    expect(specOf(text).environment).toEqual({ A: 'own', B: '2', C: '4' });
  });

  test.each([
    ['a list at the top', '- a', 'A Compose file is a mapping; begin with the key services.'],
    ['nothing', '', 'The file is empty; begin with the key services.'],
    ['broken text', 'a: [', 'This is not YAML: '],
    [
      'two documents',
      'services: {}\n---\nservices: {}',
      'The file holds several documents; keep one and remove the rest.',
    ],
    [
      'a duplicate key',
      'services: {}\nservices: {}',
      'The key services stands here a second time (first in line 1)',
    ],
    ['an unknown tag', 'services: !reset {}', 'The tag !reset is not supported; write the value without it.'],
    ['an alias without anchor', 'services: *x', 'There is no anchor &x above this alias; define it first.'],
    [
      'an anchor in itself',
      'x-a: &a [*a]\nservices: {}',
      'The anchor &a contains itself; remove this alias.',
    ],
    ['a mapping as key', '? {a: b}\n: c', 'A key of a mapping must be a plain text; write it as one.'],
    ['a prototype as key', 'services: {__proto__: {}}', 'The key __proto__ is refused; choose another name.'],
    ['deep nesting', `x-a: ${'['.repeat(5_000)}`, 'This is nested more than 40 levels deep; flatten it.'],
    ['a large file', `x-a: ${'a'.repeat(600_000)}`, 'The file is larger than 512 KiB;'],
  ])('%s is refused with a sentence', (_, text, message) => {
    expect(saidOf(text).join('\n')).toContain(message);
  });

  test('an alias means the anchor above it, also when the anchor is defined anew', () => {
    const text = `
x-1: &b one
x-2: &a { B: *b }
x-3: &b two
services: { web: { image: a, environment: { <<: *a, C: *b } } }`;
    expect(specOf(text).environment).toEqual({ C: 'two', B: 'one' });
  });

  test('forty thousand aliases are read in no time', () => {
    expect(saidOf(`x-a: &a x\nx-b: [${'*a,'.repeat(20_000)}]\nservices: { web: { image: a } }`)).toEqual([]);
  });

  test('aliases that grow without end are refused', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `x-${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    const text = `x-0: &a0 [x]\n${levels.join('\n')}\nservices: {}`;
    expect(saidOf(text)).toEqual([
      expect.stringContaining('more than 50000 values once its aliases are expanded'),
    ]);
  });

  test('keys that begin with x- are left to others, wherever they stand', () => {
    const keys = 'x-a: 1\ndeploy: { x-b: 2, update_config: { x-c: 3 } }\nhealthcheck: { test: a, x-d: 4 }';
    expect(saidOf(withService(keys, 'x-top: [1]'))).toEqual([]);
  });

  test('numbers keep the text of the file', () => {
    expect(
      specOf(withService('environment: { A: 1.10, B: 0444, C: 1e3, D: true, E: yes }')).environment,
    ).toEqual({
      A: '1.10',
      B: '0444',
      C: '1e3',
      D: 'true',
      E: 'yes',
    });
  });

  test('22:22 is a port and no number to the base of 60', () => {
    expect(specOf(withService('ports: [22:22]')).ports).toEqual([
      { target: 22, published: 22, protocol: 'tcp' },
    ]);
  });
});
