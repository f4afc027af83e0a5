import { describe, expect, test } from 'vitest';
import { saidOf, specOf, withService } from './reading.ts';

describe('what runs', () => {
  test('the settings of the process arrive in the spec', () => {
    const text = withService(`
pull_policy: if_not_present
platform: linux/arm64/v8
user: 1000
group_add: [10, video]
working_dir: /app
hostname: h
domainname: example.org
init: true
tty: true
stdin_open: true
read_only: true
stop_signal: SIGQUIT
stop_grace_period: 1m
expose: [3000, 4000-4005/udp]
labels: [a=b, c]
`);
    expect(specOf(text)).toMatchObject({
      pullPolicy: 'missing',
      platform: 'linux/arm64/v8',
      user: '1000',
      groupAdd: ['10', 'video'],
      workingDir: '/app',
      hostname: 'h',
      domainname: 'example.org',
      init: true,
      tty: true,
      stdinOpen: true,
      readOnly: true,
      stopSignal: 'SIGQUIT',
      stopGraceMs: 60_000,
      expose: ['3000/tcp', ...[4000, 4001, 4002, 4003, 4004, 4005].map((port) => `${port}/udp`)],
      labels: { a: 'b', c: '' },
    });
  });

  test('names, resolvers and log arrive in the spec', () => {
    const text = withService(`
extra_hosts: ["a:10.0.0.1", "b=[::1]", "c:host-gateway"]
dns: 10.0.0.53
dns_search: [a.example, b.example]
dns_opt: [ndots:2]
logging: { driver: json-file, options: { max-size: 10m, max-file: 3 } }
`);
    expect(specOf(text)).toMatchObject({
      extraHosts: [
        { host: 'a', address: '10.0.0.1' },
        { host: 'b', address: '::1' },
        { host: 'c', address: 'host-gateway' },
      ],
      dns: { servers: ['10.0.0.53'], search: ['a.example', 'b.example'], options: ['ndots:2'] },
      logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
    });
    expect(specOf(withService('extra_hosts: { a: [10.0.0.1, 10.0.0.2] }')).extraHosts).toHaveLength(2);
  });

  test.each([
    ['pull_policy: daily', '“daily” is not possible here'],
    ['platform: linux', '“linux” is no platform; write it like linux/amd64.'],
    ['working_dir: app', '“app” is no absolute path; write it like /app.'],
    [
      'hostname: "{{.Node.Hostname}}"',
      'is no host name; use letters, digits, dots and hyphens, no templates.',
    ],
    ['init: maybe', '“maybe” is neither true nor false; write one of them.'],
    ['stop_signal: "kill it"', '“kill it” is no signal; write it like SIGTERM.'],
    ['stop_grace_period: 30', '“30” is no duration; write it with units, like 1m30s.'],
    ['expose: ["6-5"]', '“6-5” is no port to expose; write it like 3000 or 3000-3005/udp.'],
    ['expose: [99999]', '“99999” is no port to expose; write it like 3000 or 3000-3005/udp.'],
    ['command: [sleep, 10, null]', 'services.web.command[2] is empty; write a value, or remove the line.'],
    ['expose: [http]', '“http” is no port to expose; write it like 3000 or 3000-3005/udp.'],
    [
      'labels: { portreeve.task: x }',
      "The label portreeve.task is one of Portreeve's own; choose another name.",
    ],
    ['extra_hosts: ["a:b"]', '“a=b” is no host with its address; write it like db=10.0.0.5.'],
    ['dns: resolver', '“resolver” is no address of a DNS server; write its IP address.'],
    ['logging: { options: { a: b } }', 'Options need the driver they are for; add driver, e.g. json-file.'],
    ['image: "a b"', '“a b” is no image; write it like web:1.2, without spaces.'],
  ])('%s is an error', (keys, message) => {
    const text = keys.startsWith('image') ? `services: { web: { ${keys} } }` : withService(keys);
    expect(saidOf(text).join('\n')).toContain(message);
  });

  test('a service without an image is an error', () => {
    expect(saidOf('services: { web: }')).toEqual([
      'services.web: The service web has no image; build one, push it to a registry and name it in image.',
    ]);
  });

  test.each(['Web', 'a.b', '-a', 'a'.repeat(64)])('%s is no name for a service', (name) => {
    expect(saidOf(`services: { ${name}: { image: a } }`)).toEqual([
      expect.stringContaining('is no name for a service'),
    ]);
  });
});

describe('isolation', () => {
  test('capabilities are told apart by their name only', () => {
    expect(
      specOf(withService('cap_add: [cap_sys_admin, SYS_ADMIN, Net_Raw]\ncap_drop: [ALL]')),
    ).toMatchObject({
      capAdd: ['SYS_ADMIN', 'NET_RAW'],
      capDrop: ['ALL'],
    });
  });

  test('devices, limits and the rest arrive in the spec', () => {
    const text = withService(`
privileged: true
devices: [/dev/a, "/dev//b:/dev/c:r", "/dev/d:rw", { source: /dev/e, target: /dev/f, permissions: w }]
security_opt: [no-new-privileges, "seccomp:unconfined", label=disable]
sysctls: [net.core.somaxconn=1024]
ulimits: { nofile: { soft: 10, hard: 20 }, nproc: 5, memlock: -1 }
shm_size: 64m
oom_score_adj: -500
pid: host
ipc: shareable
`);
    expect(specOf(text)).toMatchObject({
      privileged: true,
      devices: [
        { source: '/dev/a', target: '/dev/a', permissions: 'rwm' },
        { source: '/dev/b', target: '/dev/c', permissions: 'r' },
        { source: '/dev/d', target: '/dev/d', permissions: 'rw' },
        { source: '/dev/e', target: '/dev/f', permissions: 'w' },
      ],
      securityOpt: ['no-new-privileges=true', 'seccomp=unconfined', 'label=disable'],
      sysctls: { 'net.core.somaxconn': '1024' },
      ulimits: {
        nofile: { soft: 10, hard: 20 },
        nproc: { soft: 5, hard: 5 },
        memlock: { soft: -1, hard: -1 },
      },
      shmBytes: 67_108_864,
      oomScoreAdj: -500,
      pid: 'host',
      ipc: 'shareable',
    });
  });

  test.each([
    ['cap_add: [SYS_ADMN]', 'There is no capability SYS_ADMN; did you mean SYS_ADMIN?'],
    ['devices: [nvidia.com/gpu=all]', '“nvidia.com/gpu=all” is no device file'],
    ['devices: ["/dev/a:/dev/b:x"]', 'is no device file'],
    ['security_opt: [systempaths=unconfined]', '“systempaths=unconfined” is not supported'],
    ['security_opt: [seccomp=./p.json]', 'A seccomp profile of its own is not supported'],
    [
      'ulimits: { nofile: { soft: 20, hard: 10 } }',
      'The soft limit of nofile is above the hard one; lower it.',
    ],
    ['ulimits: { nofile: { soft: 20 } }', 'services.web.ulimits.nofile needs the key hard; add it.'],
    ['oom_score_adj: 2000', '2000 is out of range; write a number between -1000 and 1000.'],
    ['pid: service:db', 'Only pid: host is supported'],
    ['ipc: container:x', 'Tasks do not share memory with another; run both programs in one container.'],
    ['ipc: mine', '“mine” is not possible here; write private, host, shareable, none.'],
    ['shm_size: 0', '“0” is no size; write it like 64m or 1gb.'],
  ])('%s is an error', (keys, message) => {
    expect(saidOf(withService(keys)).join('\n')).toContain(message);
  });
});
