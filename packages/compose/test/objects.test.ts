import { describe, expect, test } from 'vitest';
import { applicationOf, saidOf, withService } from './reading.ts';

describe('volumes', () => {
  test('a volume has driver and size, and may be one of the project', () => {
    const top =
      'volumes:\n  a: { driver: local, driver_opts: { size: 1g } }\n  b: { external: true, name: c }';
    expect(applicationOf(withService('volumes: ["a:/a", "b:/b"]', top)).volumes).toEqual([
      { name: 'a', driver: 'local', driverOpts: { size: '1g' } },
      { name: 'b', driverOpts: {}, external: { name: 'c' } },
    ]);
  });

  test('labels, which would be kept nowhere, are refused', () => {
    const top = 'volumes: { a: { labels: { x: y } } }\nnetworks: { n: { labels: { x: y } } }';
    expect(saidOf(withService('volumes: ["a:/a"]\nnetworks: [n]', top))).toEqual([
      expect.stringContaining('volumes.a.labels: labels is not supported'),
      expect.stringContaining('networks.n.labels: labels is not supported'),
    ]);
  });

  test.each([
    '{ driver_opts: { type: none, o: bind, device: / } }',
    '{ driver_opts: { type: none, o: "rbind,ro", device: /etc } }',
    '{ driver_opts: { type: nfs, o: "addr=10.0.0.1", device: ":/x" } }',
    '{ driver_opts: { type: tmpfs, device: tmpfs, o: size=1g } }',
    '{ driver: local, driver_opts: { O: bind } }',
  ])('S-2 options that reach the host through a volume, %s, are refused', (settings) => {
    expect(saidOf(withService('volumes: ["a:/a"]', `volumes: { a: ${settings} }`)).join('\n')).toContain(
      'reaches the host and is not supported; use a bind mount or tmpfs in the service',
    );
  });

  test('S-2 a driver other than local is refused', () => {
    expect(saidOf(withService('volumes: ["a:/a"]', 'volumes: { a: { driver: local-persist } }'))).toEqual([
      expect.stringContaining('Drivers of volumes may reach the host and are not supported'),
    ]);
  });

  test('S-39 a name without external is refused, so that no object is taken over by its name', () => {
    expect(saidOf(withService('volumes: ["a:/a"]', 'volumes: { a: { name: theirs } }'))).toEqual([
      'volumes.a.name: Objects of a stack are named by their key; remove name, or add external: true to use one of the project.',
    ]);
  });

  test('what nobody uses is warned of', () => {
    expect(saidOf(withService('', 'volumes: { a: }\nconfigs: { c: { content: x } }'), {}, 'warning')).toEqual(
      [
        'volumes.a: No service uses a of volumes; remove it, or use it.',
        'configs.c: No service uses c of configs; remove it, or use it.',
      ],
    );
  });
});

describe('configs and secrets', () => {
  const USE = 'configs: [c]';

  test('content comes from the file, the bundle or the given values', () => {
    const top = `configs:
  a: { content: "x=\${X}" }
  b: { file: ./conf/b.txt }
  c: { environment: X }
  d: { external: true, name: shared }
secrets:
  s: { environment: X }
  t: { file: conf/b.txt }`;
    const more = { values: { X: '1' }, files: { 'conf/b.txt': 'from $X file' } };
    const { configs, secrets } = applicationOf(
      withService('configs: [a, b, c, d]\nsecrets: [s, t]', top),
      more,
    );
    expect(configs).toEqual([
      { name: 'a', content: 'x=1' },
      { name: 'b', content: 'from $X file', file: 'conf/b.txt' },
      { name: 'c', content: '1' },
      { name: 'd', external: { name: 'shared' } },
    ]);
    expect(secrets).toEqual([
      { name: 's', content: '1' },
      { name: 't', content: 'from $X file', file: 'conf/b.txt' },
    ]);
  });

  test('files of configs and secrets may be any bytes, everything else of the bundle is text', () => {
    const files = { bytes: new Uint8Array([0, 0xff]) };
    const top = 'configs: { c: { file: bytes } }\nsecrets: { s: { file: bytes } }';
    const { configs, secrets } = applicationOf(withService('configs: [c]\nsecrets: [s]', top), { files });
    expect([configs[0]?.content, secrets[0]?.content]).toEqual([files.bytes, files.bytes]);
    for (const keys of ['env_file: bytes', 'extends: { file: bytes, service: a }'])
      expect(saidOf(withService(keys), { files }).join()).toContain(
        'bytes is no UTF-8 text; save it as one.',
      );
  });

  test('what was kept unseen as the file of a secret becomes nothing else', () => {
    const more = { files: { key: 'hush' }, secretFiles: new Set(['key']) };
    const { secrets } = applicationOf(withService('secrets: [s]', 'secrets: { s: { file: key } }'), more);
    expect(secrets).toMatchObject([{ content: 'hush' }]);
    for (const [keys, top] of [
      ['configs: [c]', 'configs: { c: { file: key } }'],
      ['env_file: key', ''],
      ['extends: { file: key, service: a }', ''],
    ] as const)
      expect(saidOf(withService(keys, top), more).join()).toContain(
        'key was kept unseen as the file of a secret',
      );
  });

  test('a config or secret larger than is kept is refused where it is named', () => {
    const files = { big: 'x'.repeat(500 * 1024 + 1) };
    expect(saidOf(withService('configs: [c]', 'configs: { c: { file: big } }'), { files })).toEqual([
      'configs.c.file: The content has 512001 bytes, and at most 512000 are kept; mount larger data as a volume.',
    ]);
  });

  test.each([
    ['configs: { c: }', 'It needs exactly one of file, content, environment or external; add one.'],
    [
      'configs: { c: { content: a, file: b } }',
      'It needs exactly one of file, content, environment or external; remove the others.',
    ],
    ['configs: { c: { environment: PATH } }', 'The variable PATH has no value; give it one.'],
    ['configs: { c: { file: nope } }', 'The bundle has no file nope; add it, or correct the name.'],
    ['configs: { c: { file: /etc/passwd } }', '/etc/passwd is outside the bundle; put the file into it'],
    ['configs: { c: { file: a/../../x } }', 'a/../../x is outside the bundle; put the file into it.'],
    ['configs: { c: { file: ~/x } }', '~/x is outside the bundle'],
    ['secrets: { c: { content: x } }', 'content is not supported: what stands in the file is no secret'],
    ['configs: { C: { content: x } }', 'C is no name; use lower-case letters, digits, - and _, at most 63.'],
  ])('%s is an error', (top, message) => {
    expect(saidOf(withService(USE, top)).join('\n')).toContain(message);
  });
});
