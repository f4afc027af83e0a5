import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pathInLog } from './log.ts';

const HOSTILE = 'web\u001b]0;owned\u0007 \u009b31m \u202egnp.exe \r\n{"level":60} \u007f\u2066';

/** Whatever the program logs, as it stands on its standard output; it must end well, and say nothing beside. */
const logged = (file: string, statement: string, output: number | 'pipe' = 'pipe'): string => {
  const url = new URL(file, import.meta.url);
  const program = `import * as module from ${JSON.stringify(fileURLToPath(url))};
    const hostile = ${JSON.stringify(HOSTILE)};
    ${statement}`;
  const env = { PATH: process.env.PATH, PORTREEVE_LOG: 'trace' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    ...{ env, encoding: 'utf8', stdio: ['ignore', output, 'pipe'] },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

const LOGS = [
  ['server', './log.ts', "const log = module.createLog('trace', 'server');"],
  ['agent', '../../../agent/src/log.ts', 'const { log } = module;'],
] as const;

test.each(LOGS)('F-16 a full disk under the log of the %s ends nobody', (_, file, begin) => {
  const full = openSync('/dev/full', 'w');
  logged(file, `${begin} log.info('lost'); log.warn('lost');`, full);
  closeSync(full);
});

test.each(LOGS)(
  'S-45 text of a container steers no terminal from the log of the %s, and makes no line of its own',
  (_, file, begin) => {
    const text = logged(
      file,
      `${begin} log.info({ [hostile]: hostile, err: new Error(hostile), deep: { list: [hostile] } }, hostile);`,
    );
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
    expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(JSON.parse(text)).toMatchObject({ msg: HOSTILE, [HOSTILE]: HOSTILE, deep: { list: [HOSTILE] } });
  },
);

test.each([
  ['server', './log.ts', "const log = module.createLog('trace', 'server');"],
  ['agent', '../../../agent/src/log.ts', 'const { log } = module;'],
])('S-11 the log of the %s cuts what is called a secret, whoever logs it', (_, file, begin) => {
  const said = ['token', 'password'].flatMap((key) => [
    `log.info({ ${key}: 'canary' }, 'x');`,
    `log.info({ body: { ${key}: 'canary' } }, 'x');`,
  ]);
  expect(logged(file, `${begin} ${said.join('\n')}`)).not.toContain('canary');
});

test.each([
  [
    '/api/v1/nodes/01990000-0000-7000-8000-000000000000',
    '/api/v1/nodes/01990000-0000-7000-8000-000000000000',
  ],
  ['/api/v1/me?token=canary', '/api/v1/me'],
  ['/api/v1/prt_PDyFvzh4kKudDHT_n99WoPCeTDoxin26qL0vX', '/api/v1/…'],
  ['/a\u001b[31m/b', '/…/b'],
])('S-11 a path %s is logged as %s', (url, path) => expect(pathInLog(url)).toBe(path));
