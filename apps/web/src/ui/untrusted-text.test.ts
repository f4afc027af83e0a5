import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createElement, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { LogRow } from '../features/logs/log-line.tsx';
import { CodeText } from './code-text.tsx';
import { Endpoints } from './endpoints.tsx';
import { Facts } from './facts.tsx';

const HTML = '<img src=x onerror=alert(1)><script>alert(1)</script>"\'><a href="javascript:alert(1)">x</a>';
const SOURCES = fileURLToPath(new URL('..', import.meta.url));

const line = (stream: 'stdout' | 'life', text: string): ReactElement =>
  createElement(LogRow, {
    line: {
      ...{ key: 1, at: '2026-01-01T00:00:00.000Z', taskId: 't', slot: 1, revision: 1, attempt: 1 },
      ...{ stream, text },
    },
    ...{ name: HTML, find: /alert/g, onLink: () => undefined },
  } as Parameters<typeof LogRow>[0]);

test.each<[string, () => ReactElement]>([
  ['a line of a log', () => line('stdout', HTML)],
  ['a moment of a task', () => line('life', HTML)],
  ['facts of a host', () => createElement(Facts, { of: { Host: HTML, [HTML]: 'x' } })],
  ['a file', () => createElement(CodeText, { text: HTML })],
  ['an address', () => createElement(Endpoints, { of: [HTML, `javascript:alert(1)//:80`] })],
])('S-45 %s shows markup as text', (_, make) => {
  const shown = renderToStaticMarkup(make());
  expect(shown).toContain('&lt;img src=x onerror=');
  expect(shown).not.toMatch(/<(img|script)/i);
  expect(shown).not.toMatch(/href="(?!https?:|\/)/);
});

test.each(['stdout', 'life'] as const)(
  'S-45 a %s line of a log keeps nothing that steers or reorders',
  (stream) => {
    const text = 'a\u001b]0;owned\u0007b\u001b[2J\u009b31mc\u202ed\u2066e\u001b]8;;http://evil\u0007f';
    const shown = renderToStaticMarkup(line(stream, text));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
    expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(shown).not.toMatch(/evil|owned/);
  },
);

test('S-45 no page puts a text in as markup; the one script in a page is our own', () => {
  const sinks =
    /dangerouslySetInnerHTML|\.(inner|outer)HTML|insertAdjacentHTML|document\.write|createContextualFragment/;
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  const found = files.filter(
    (file) => /(?<!\.test)\.tsx?$/.test(file) && sinks.test(readFileSync(join(SOURCES, file), 'utf8')),
  );
  expect(found).toEqual([join('app', 'layout.tsx')]);
});
