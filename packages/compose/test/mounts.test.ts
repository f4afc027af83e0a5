import { describe, expect, test } from 'vitest';
import { saidOf, specOf, withService } from './reading.ts';

const REST = 'volumes: { data: }\nconfigs: { c: { content: x } }\nsecrets: { s: { external: true } }';
const mountsOf = (keys: string) => specOf(withService(keys, REST)).mounts;
const errorsOf = (keys: string) => saidOf(withService(keys, REST));

const volume = { kind: 'volume', readOnly: false, noCopy: false };
const bind = { kind: 'bind', readOnly: false, createHostPath: true };

describe('mounts', () => {
  test.each([
    ['volumes: ["data:/d"]', { ...volume, source: 'data', target: '/d' }],
    [
      'volumes: ["data:/d:ro,nocopy"]',
      { ...volume, source: 'data', target: '/d', readOnly: true, noCopy: true },
    ],
    ['volumes: ["/d/"]', { ...volume, target: '/d' }],
    ['volumes: ["/srv:/d"]', { ...bind, source: '/srv', target: '/d' }],
    [
      'volumes: ["/srv:/d:ro,rslave"]',
      { ...bind, source: '/srv', target: '/d', readOnly: true, propagation: 'rslave' },
    ],
    [
      'volumes: ["//var//run/../run/docker.sock:/s"]',
      { ...bind, source: '/var/run/docker.sock', target: '/s' },
    ],
    ['volumes: [{ type: bind, source: /a/b/.., target: /d }]', { ...bind, source: '/a', target: '/d' }],
    [
      'volumes: [{ type: bind, source: /a, target: /d, read_only: true, bind: { propagation: shared, create_host_path: false } }]',
      {
        kind: 'bind',
        source: '/a',
        target: '/d',
        readOnly: true,
        createHostPath: false,
        propagation: 'shared',
      },
    ],
    [
      'volumes: [{ type: volume, source: data, target: /d, volume: { nocopy: true } }]',
      { ...volume, source: 'data', target: '/d', noCopy: true },
    ],
    [
      'volumes: [{ type: tmpfs, target: /d, tmpfs: { size: 64m, mode: 01777 } }]',
      { kind: 'tmpfs', target: '/d', sizeBytes: 67_108_864, mode: 0o1777 },
    ],
    ['tmpfs: /d', { kind: 'tmpfs', target: '/d' }],
    [
      'tmpfs: ["/d:rw,noexec,size=1g,mode=700"]',
      { kind: 'tmpfs', target: '/d', sizeBytes: 1_073_741_824, mode: 0o700 },
    ],
  ])('%s', (keys, mount) => {
    expect(mountsOf(keys)).toEqual([mount]);
  });

  test.each([
    [
      'volumes: ["./a:/d"]',
      '“./a” is relative, and hosts have no such folder; use an absolute path, a volume or a config.',
    ],
    ['volumes: ["~/a:/d"]', '“~/a” is relative'],
    ['volumes: ["nope:/d"]', 'There is no volume nope; add it under the top-level key volumes.'],
    ['volumes: ["data:d"]', '“d” is no place to mount on; write an absolute path below / in the container.'],
    ['volumes: ["/a:/"]', 'is no place to mount on'],
    ['volumes: ["data:/d:exec"]', 'The mount option “exec” is not supported here; use ro, rw or nocopy.'],
    ['volumes: ["/a:/d:Z"]', 'The mount option “Z” is not supported here; use ro, rw or a propagation.'],
    ['volumes: ["a:b:c:d"]', 'is no mount; write it like data:/var/lib/data:ro.'],
    ['volumes: [{ type: bind, source: a, target: /d }]', '“a” is relative'],
    ['volumes: [{ type: bind, target: /d }]', '“” is relative'],
    ['volumes: [{ type: npipe, target: /d }]', '“npipe” is not possible here; write volume, bind, tmpfs.'],
    [
      'volumes: [{ type: tmpfs, target: /d, read_only: true }]',
      'A tmpfs that nobody may write to stays empty; remove read_only.',
    ],
    [
      'volumes: [{ type: volume, target: /d, bind: { propagation: shared } }]',
      'bind does not go with type: volume',
    ],
    ['volumes: [{ source: data, target: /d }]', 'services.web.volumes[0] needs the key type; add it.'],
    ['tmpfs: ["/d:exec"]', 'The tmpfs option “exec” is not supported; use size=64m or mode=1777.'],
    [
      'volumes: ["data:/d", "/srv:/d/"]',
      '/d is mounted on twice, also at services.web.volumes[0]; keep one of them.',
    ],
    ['tmpfs: /d\nvolumes: ["data:/d"]', '/d is mounted on twice'],
    ['volumes: ["data:/run/secrets/s"]\nsecrets: [s]', '/run/secrets/s is mounted on twice'],
  ])('%s is an error', (keys, message) => {
    expect(errorsOf(keys).join('\n')).toContain(message);
  });
});

describe('configs and secrets of a service', () => {
  test('a config lies in / and a secret in /run/secrets, unless a target says otherwise', () => {
    const { configs, secrets } = specOf(
      withService(
        'configs: [c]\nsecrets: [s, { source: s, target: t, uid: "1", gid: 2, mode: 0400 }, { source: s, target: /x }]',
        REST,
      ),
    );
    expect(configs).toEqual([{ source: 'c', target: '/c', uid: '0', gid: '0', mode: 0o444 }]);
    expect(secrets).toEqual([
      { source: 's', target: '/run/secrets/s', uid: '0', gid: '0', mode: 0o444 },
      { source: 's', target: '/run/secrets/t', uid: '1', gid: '2', mode: 0o400 },
      { source: 's', target: '/x', uid: '0', gid: '0', mode: 0o444 },
    ]);
  });

  test.each([
    ['configs: [nope]', 'There is no config nope; add it under the top-level key configs.'],
    ['secrets: [{ source: nope }]', 'There is no secret nope; add it under the top-level key secrets.'],
    ['secrets: [{ source: s, mode: "999" }]', '“999” is no file mode; write it in octal, like 0444.'],
    [
      'secrets: [{ source: s, mode: 444 }]',
      '444 without a leading zero is a decimal number, not a file mode; write 0444.',
    ],
    ['secrets: [{ source: s, target: /etc/ }]', '“/etc/” is a folder; write the name of the file as well.'],
    ['secrets: [{ source: s, uid: root }]', '“root” is no number of a user or group; write it in digits.'],
  ])('%s is an error', (keys, message) => {
    expect(errorsOf(keys).join('\n')).toContain(message);
  });
});
