// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of Compose, not of this language.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fill, parseTemplate } from '../src/interpolate.ts';
import { applicationOf, read, saidOf, specOf, withService } from './reading.ts';

const VALUES = { SET: 'set', EMPTY: '' };

const filled = (text: string): string => {
  const template = parseTemplate(text);
  if ('problem' in template) throw new Error(template.problem);
  return fill(template.parts, (name) => (VALUES as Record<string, string | undefined>)[name])?.text ?? '';
};

describe('variables', () => {
  test.each([
    ['$SET', 'set'],
    ['${SET}', 'set'],
    ['a${SET}b$SET.c', 'asetbset.c'],
    ['$$SET', '$SET'],
    ['$$${SET}', '$set'],
    ['${SET:-d}', 'set'],
    ['${EMPTY:-d}', 'd'],
    ['${EMPTY-d}', ''],
    ['${UNSET:-d}', 'd'],
    ['${UNSET-d}', 'd'],
    ['${UNSET:-}', ''],
    ['${SET:?needed}', 'set'],
    ['${EMPTY?needed}', ''],
    ['${SET:+x}', 'x'],
    ['${EMPTY:+x}', ''],
    ['${EMPTY+x}', 'x'],
    ['${UNSET+x}', ''],
    ['${UNSET:-${SET}}', 'set'],
    ['${UNSET:-${EMPTY:-deep}}', 'deep'],
    ['${UNSET:-{"a":{"b":1}}}', '{"a":{"b":1}}'],
    ['${UNSET:-a:-b}', 'a:-b'],
    ['costs 5$', 'costs 5$'],
    ['$1 and $ 2', '$1 and $ 2'],
  ])('%s becomes %s', (text, expected) => {
    expect(filled(text)).toBe(expected);
  });

  test.each(['${', '${}', '${SET', '${1}', '${SET!x}', '${SET:x}'])('%s is refused', (text) => {
    expect(saidOf(withService(`user: '${text}'`))).toEqual([
      expect.stringContaining('is no variable; write ${NAME}, or $$ for a dollar sign.'),
    ]);
  });

  test('a text without a dollar sign stays as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('$')),
        (text) => filled(text) === text,
      ),
    );
  });

  test('a text whose dollar signs are doubled stands for itself', () => {
    fc.assert(fc.property(fc.string(), (text) => filled(text.replaceAll('$', '$$$$')) === text));
  });

  test('no template makes the reader throw', () => {
    const piece = fc.constantFrom('$', '{', '}', 'A', ':', '-', '?', '+', ' ', '${', '${A:-');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void parseTemplate(pieces.join(''))),
    );
  });

  test('a required variable without a value is an error with the text of the file', () => {
    expect(saidOf(withService('user: ${WHO:?say who runs it}'))).toEqual([
      'services.web.user: The variable WHO has no value: say who runs it; give it one.',
    ]);
  });

  test('a variable without value and default is empty and warned of', () => {
    expect(saidOf(withService('labels: { a: $NOPE }'), {}, 'warning')).toEqual([
      'services.web.labels.a: The variable NOPE has no value and is empty here; give it one, or write ${NOPE:-default}.',
    ]);
  });

  test('no variable of the process and nothing of a prototype is ever read', () => {
    expect(specOf(withService('labels: { a: "${PATH}${constructor}${HOME-x}" }')).labels).toEqual({ a: 'x' });
  });

  test('numbers and booleans may come from variables', () => {
    const { services } = applicationOf(withService('read_only: ${RO}\ndeploy: { replicas: "${N:-3}" }'), {
      values: { RO: 'true' },
    });
    expect(services).toMatchObject([{ replicas: 3, spec: { readOnly: true } }]);
  });

  test('variables that multiply without end are refused', () => {
    const text = withService(`user: ${'$A'.repeat(2_000)}`);
    expect(saidOf(text, { values: { A: 'a'.repeat(1_000) } })).toEqual([
      'services.web.user: The variables make this text longer than 1 MiB; give shorter values.',
    ]);
  });

  test('the variables of a file are listed with default, need and first line', () => {
    const { variables } = read(
      'services:\n  web:\n    image: ${IMAGE:-web:${TAG:-1}}\n    user: ${WHO?}\n    environment: [TOKEN, "B=${TAG}"]\n',
      { values: { WHO: 'me', TOKEN: 't' } },
    );
    expect(variables).toEqual([
      { name: 'IMAGE', default: 'web:1', required: false, used: 3 },
      { name: 'TAG', default: '1', required: false, used: 3 },
      { name: 'WHO', required: true, used: 4 },
      { name: 'TOKEN', required: false, used: 5 },
    ]);
  });

  test('the variables of a file that is refused are listed too, so that a missing value can be given', () => {
    const { application, variables } = read(withService('environment: [NAMED]\nuser: "${WHO?}"'));
    expect(application).toBeUndefined();
    expect(variables).toMatchObject([
      { name: 'WHO', required: true },
      { name: 'NAMED', required: false },
    ]);
  });

  test('what follows from a missing value is not told beside it', () => {
    for (const text of [
      'services: { web: { image: "${WHICH:?}" } }',
      withService('ports: ["${WHICH?}:80"]\nstop_grace_period: "${WHICH?}"\nenvironment: [A, "${WHICH?}"]'),
    ])
      expect(new Set(saidOf(text).map((said) => said.replace(/^\S+ /, '')))).toEqual(
        new Set(['The variable WHICH has no value; give it one.']),
      );
  });

  test('an extension may need a variable that nobody uses', () => {
    expect(
      read('x-a: &a { labels: { b: "${NEEDED?}" } }\nservices: { web: { image: a } }').diagnostics,
    ).toEqual([]);
    expect(
      saidOf('x-a: &a { labels: { b: "${NEEDED?}" } }\nservices: { web: { <<: *a, image: a } }'),
    ).toHaveLength(1);
  });
});
