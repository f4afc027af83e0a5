import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { privilegesOf, readCompose } from '../src/index.ts';
import { applicationOf, read, saidOf, specOf } from './reading.ts';

describe('extends', () => {
  const FILE = `
services:
  base:
    image: base:1
    profiles: [never]
    command: [a]
    environment: { A: base, B: base }
    labels: [l=base]
    ports: ["80:80", "81:81"]
    volumes: ["/srv/a:/a", "/srv/b:/b"]
    cap_add: [CHOWN]
    dns: 10.0.0.1
    depends_on: [other]
    networks: { front: { aliases: [a] } }
    logging: { driver: json-file, options: { max-size: 1m } }
    healthcheck: { test: [CMD, a], interval: 1s }
    deploy: { replicas: 2, resources: { limits: { memory: 10m, cpus: 1 } } }
  other: { image: other:1 }
  web:
    extends: { service: base }
    profiles: []
    command: [b, c]
    environment: [B=web, C=web]
    labels: { m: web }
    ports: ["80:80", "82:82"]
    volumes: ["/srv/c:/b:ro"]
    cap_add: [KILL]
    dns: [10.0.0.2]
    depends_on: { other: { condition: service_healthy } }
    networks: { front: { aliases: [b] }, back: }
    logging: { options: { max-file: 2 } }
    healthcheck: { test: b }
    deploy: { resources: { limits: { memory: 20m } } }
networks: { front: , back: }
`;

  test('brings two services together by the rules of Compose', () => {
    const web = applicationOf(FILE, { profiles: ['never'] }).services.find(({ name }) => name === 'web');
    expect(web?.replicas).toBe(2);
    expect(web?.spec).toMatchObject({
      image: 'base:1',
      command: ['b', 'c'],
      environment: { A: 'base', B: 'web', C: 'web' },
      labels: { l: 'base', m: 'web' },
      ports: [{ published: 80 }, { published: 81 }, { published: 82 }],
      networks: [
        { name: 'front', aliases: ['a', 'b'] },
        { name: 'back', aliases: [] },
      ],
      mounts: [
        { source: '/srv/a', target: '/a' },
        { source: '/srv/c', target: '/b', readOnly: true },
      ],
      capAdd: ['CHOWN', 'KILL'],
      dns: { servers: ['10.0.0.1', '10.0.0.2'] },
      dependsOn: [{ service: 'other', condition: 'healthy' }],
      logging: { driver: 'json-file', options: { 'max-size': '1m', 'max-file': '2' } },
      healthcheck: { test: ['CMD-SHELL', 'b'], intervalMs: 1_000 },
      limits: { memoryBytes: 20_971_520, cpus: 1 },
    });
  });

  test('options of another log driver are not merged', () => {
    const text = `
services:
  base: { image: a, logging: { driver: json-file, options: { max-size: 1m } } }
  web: { extends: base, logging: { driver: journald } }`;
    expect(applicationOf(text).services[1]?.spec.logging).toEqual({ driver: 'journald', options: {} });
  });

  test('reaches into files of the bundle, whose own files are relative to them', () => {
    const files = {
      'common/base.yaml':
        'services: { base: { extends: { service: root, file: ../root.yaml }, env_file: b.env, user: "$U" } }',
      'common/b.env': 'FROM=common',
      'root.yaml': 'services: { root: { image: root:1 } }',
    };
    const spec = specOf('services: { web: { extends: { file: common/base.yaml, service: base } } }', {
      files,
      values: { U: 'me' },
    });
    expect(spec).toMatchObject({ image: 'root:1', environment: { FROM: 'common' }, user: 'me' });
  });

  test('a problem in another file is told with that file', () => {
    const { diagnostics } = read('services: { web: { extends: { file: b.yaml, service: base } } }', {
      files: { 'b.yaml': 'services:\n  base:\n    image: a\n    build: .\n' },
    });
    expect(diagnostics).toMatchObject([{ file: 'b.yaml', line: 4, column: 5, path: 'services.web.build' }]);
  });

  test.each([
    [
      'services: { a: { extends: a } }',
      'a extends itself over compose.yaml#a and compose.yaml#a; break the circle.',
    ],
    ['services: { a: { extends: b }, b: { extends: a } }', 'extends itself over'],
    [
      'services: { a: { extends: nope } }',
      'compose.yaml has no service nope to extend; correct the name, or name its file.',
    ],
    [
      'services: { a: { extends: { file: b.yaml, service: x } } }',
      'The bundle has no file b.yaml; add it, or correct the name.',
    ],
    ['services: { a: { extends: { file: /etc/x, service: x } } }', '/etc/x is outside the bundle'],
    [
      'services: { a: { image: a, extends: { servce: x } } }',
      'There is no key servce here; did you mean service?',
    ],
    [
      'services: { a: { extends: [x] } }',
      'services.a.extends takes a single value or a mapping; write it so.',
    ],
  ])('%s is an error', (text, message) => {
    expect(saidOf(text).join('\n')).toContain(message);
  });

  test('a circle over two files is found', () => {
    const files = { 'b.yaml': 'services: { b: { extends: { file: compose.yaml, service: a } } }' };
    expect(
      saidOf('services: { a: { extends: { file: b.yaml, service: b } } }', { files }).join('\n'),
    ).toContain('break the circle');
  });
});

describe('profiles', () => {
  const FILE = `
services:
  web: { image: a }
  debug: { image: b, profiles: [debug, all] }
  test: { image: c, profiles: [test] }`;
  const namesOf = (profiles: string[]) => applicationOf(FILE, { profiles }).services.map(({ name }) => name);

  test('services without a profile are always there, others when one of theirs is chosen', () => {
    expect(namesOf([])).toEqual(['web']);
    expect(namesOf(['all'])).toEqual(['web', 'debug']);
    expect(namesOf(['*'])).toEqual(['web', 'debug', 'test']);
  });

  test('what is wrong in a service that is not chosen is told all the same', () => {
    expect(saidOf('services: { web: { image: a }, b: { image: b, profiles: [x], build: . } }')).toHaveLength(
      1,
    );
  });

  test('a file whose services all have a profile says which there are', () => {
    expect(saidOf('services: { a: { image: a, profiles: [x] } }')).toEqual([
      ': Every service has a profile and none is chosen; choose one of x.',
    ]);
  });
});

describe('depends_on', () => {
  const file = (web: string, more = '') =>
    `services: { web: { image: a, depends_on: ${web} }, db: { image: b } ${more} }`;

  test('has conditions', () => {
    const of = (web: string) => specOf(file(web)).dependsOn;
    expect(of('[db]')).toEqual([{ service: 'db', condition: 'started', required: true, restart: false }]);
    expect(of('{ db: { condition: service_completed_successfully, restart: true } }')).toEqual([
      { service: 'db', condition: 'completed', required: true, restart: true },
    ]);
    expect(of('{ db: }')).toHaveLength(1);
  });

  const waiting = (restart: string) =>
    `services: { web: { image: a, depends_on: { job: { condition: service_completed_successfully } } }, job: { image: b ${restart} } }`;
  const jobOf = (restart: string) =>
    applicationOf(waiting(restart)).services.find(({ name }) => name === 'job')?.spec.restart.condition;

  test('a service that another waits to see completed is restarted after a failure only', () => {
    expect(jobOf('')).toBe('on-failure');
    expect(jobOf(', restart: "no"')).toBe('none');
  });

  test.each([', restart: always', ', deploy: { restart_policy: { condition: any } }'])(
    'one that is restarted whatever happens%s would be waited for in vain, and is an error',
    (restart) => {
      expect(saidOf(waiting(restart))).toEqual([
        expect.stringContaining('Another service waits for job to complete, and this restarts it'),
      ]);
    },
  );

  test.each([
    [file('[nope]'), 'There is no service nope; correct the name, or add it.'],
    [file('[web]'), 'web waits for web; remove one of these dependencies.'],
    [
      file('[c]', ', c: { image: c, depends_on: [d] }, d: { image: d, depends_on: [web] }'),
      'web waits for c waits for d waits for web',
    ],
    [
      file('[c]', ', c: { image: c, profiles: [x] }'),
      'c is not in the chosen profiles; choose one of its profiles, or write required: false.',
    ],
    [
      file('{ db: { condition: ready } }'),
      '“ready” is not possible here; write service_started, service_healthy',
    ],
  ])('%s is an error', (text, message) => {
    expect(saidOf(text).join('\n')).toContain(message);
  });

  test('a service that is not chosen may be missing where it is not required', () => {
    expect(saidOf(file('{ c: { required: false } }', ', c: { image: c, profiles: [x] }'))).toEqual([]);
  });

  test('many services in a diamond are checked in no time', () => {
    const layers = Array.from({ length: 30 }, (_, i) =>
      ['a', 'b']
        .map((side) => `${side}${i}: { image: x, depends_on: [${i < 29 ? `a${i + 1}, b${i + 1}` : ''}] }`)
        .join(', '),
    );
    expect(saidOf(`services: { ${layers.join(', ')} }`)).toEqual([]);
  });
});

describe('the example shop', () => {
  test('is twelve tasks of four services, with nothing to complain about and no privilege', () => {
    const text = readFileSync(new URL('../../../examples/shop/compose.yaml', import.meta.url), 'utf8');
    const { application, diagnostics } = read(text);
    expect(diagnostics).toEqual([]);
    expect(application?.services.map(({ name, replicas }) => [name, replicas])).toEqual([
      ['web', 6],
      ['api', 4],
      ['cache', 1],
      ['database', 1],
    ]);
    expect(application?.services.flatMap(({ spec }) => privilegesOf(spec))).toEqual([]);
  });
});

describe('the top of the file', () => {
  test('a name is proposed for the stack', () => {
    expect(applicationOf('name: shop\nservices: { a: { image: a } }').name).toBe('shop');
    expect(saidOf('name: My Shop\nservices: { a: { image: a } }')).toEqual([
      expect.stringContaining('is no name for a stack'),
    ]);
  });

  test('version is accepted with a warning', () => {
    const { application, diagnostics } = read('version: "3.8"\nservices: { a: { image: a } }');
    expect(application).toBeDefined();
    expect(diagnostics).toMatchObject([
      { severity: 'warning', message: 'version says nothing any more; remove it.' },
    ]);
  });

  test('include is refused with what to do', () => {
    expect(saidOf('include: [a.yaml]\nservices: { a: { image: a } }')).toEqual([
      'include: include is not supported: put the included services into this file, or extends them from a file of the bundle.',
    ]);
  });

  test('a file without services is an error', () => {
    expect(saidOf('services: {}')).toEqual([': The file has no services; add one under the key services.']);
    expect(saidOf('name: a')).toEqual([': The file needs the key services; add it.']);
  });

  test('an entry that is not in the bundle is an error', () => {
    const { diagnostics } = readCompose({ files: new Map(), entry: 'compose.yaml', values: {} });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'The bundle has no file compose.yaml; add it, or name another as its Compose file.',
    ]);
  });
});
