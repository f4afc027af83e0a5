import { ServiceSpec } from '@portreeve/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { privilegesOf } from '../src/index.ts';
import { specOf, withService } from './reading.ts';

const permissionsOf = (keys: string): string[] => [
  ...new Set(privilegesOf(specOf(withService(keys))).map(({ permission }) => permission)),
];

describe('privileges', () => {
  test('an ordinary service needs none', () => {
    const keys =
      'ports: ["80:80"]\ncap_add: [NET_BIND_SERVICE, cap_chown]\nsecurity_opt: [no-new-privileges]';
    expect(
      permissionsOf(
        `${keys}\nsysctls: { net.core.somaxconn: 1024 }\nipc: shareable\ntmpfs: /t\noom_score_adj: 500`,
      ),
    ).toEqual([]);
  });

  test.each([
    '/var/run/docker.sock',
    '/run/docker.sock',
    '/var/run/../run/docker.sock',
    '//var//run/docker.sock',
    '/',
    '/run',
    '/run/',
    '/var',
    '/var/run',
    '/proc',
    '/proc/1/root/run',
    '/run/containerd',
    '/run/podman/podman.sock',
    '/tmp/x/docker-1.sock',
  ])("S-1 mounting %s reaches the engine's socket", (source) => {
    expect(permissionsOf(`volumes: ["${source}:/x"]`)).toEqual(['host.bind-mount', 'host.engine-socket']);
  });

  test.each(['/srv', '/runner', '/var/lib/x', '/var/runx', '/procs'])('mounting %s does not', (source) => {
    expect(permissionsOf(`volumes: ["${source}:/x"]`)).toEqual(['host.bind-mount']);
  });

  test.each([
    ['privileged: true', 'host.privileged'],
    ['network_mode: host', 'host.namespaces'],
    ['network_mode: bridge', 'host.namespaces'],
    ['pid: host', 'host.namespaces'],
    ['ipc: host', 'host.namespaces'],
    ['devices: [/dev/a]', 'host.devices'],
    ['cap_add: [ALL]', 'host.capabilities'],
    ['cap_add: [cap_sys_admin]', 'host.capabilities'],
    ['cap_add: [SYS_PTRACE]', 'host.capabilities'],
    ['cap_add: [NET_ADMIN]', 'host.capabilities'],
    ['security_opt: [seccomp=unconfined]', 'host.security-opt'],
    ['security_opt: ["apparmor:unconfined"]', 'host.security-opt'],
    ['security_opt: [label=disable]', 'host.security-opt'],
    ['security_opt: [no-new-privileges=false]', 'host.security-opt'],
    ['sysctls: { kernel.msgmax: 1 }', 'host.sysctls'],
    ['sysctls: { net.ipv4.ip_forward: 1 }', 'host.sysctls'],
    ['oom_score_adj: -1', 'host.capabilities'],
  ])('S-3 %s needs %s', (keys, permission) => {
    expect(permissionsOf(keys)).toEqual([permission]);
  });

  test.each(['syslog', 'gelf', 'fluentd', 'splunk', 'awslogs', 'some/plugin', 'JSON-FILE'])(
    "S-34 the log driver %s connects from the host's network and needs its namespaces",
    (driver) => {
      const spec = specOf(withService(`logging: { driver: "${driver}" }`));
      expect(privilegesOf(spec)).toEqual([
        {
          permission: 'host.namespaces',
          because: `its log driver ${driver} connects from the host`,
          path: 'logging.driver',
        },
      ]);
    },
  );

  test.each(['json-file', 'local', 'none', 'journald'])(
    'S-34 the log driver %s stays on its host',
    (driver) => {
      expect(permissionsOf(`logging: { driver: ${driver} }`)).toEqual([]);
    },
  );

  test('a reason and a place come with each', () => {
    expect(privilegesOf(specOf(withService('cap_add: [CHOWN, SYS_TIME]')))).toEqual([
      { permission: 'host.capabilities', because: 'it adds the capability SYS_TIME', path: 'capAdd[1]' },
    ]);
  });

  test('however a path to the socket is written, also in a spec that no Compose file made', () => {
    const detour = fc.constantFrom('/', '//', '/./', '/x/../', '/../');
    fc.assert(
      fc.property(fc.constantFrom('/var/run', '/run'), detour, detour, (folder, before, between) => {
        const source = `${before}${folder.slice(1)}${between}docker.sock`;
        const spec = ServiceSpec.parse({ image: 'a', mounts: [{ kind: 'bind', source, target: '/x' }] });
        expect(privilegesOf(spec).map(({ permission }) => permission)).toContain('host.engine-socket');
      }),
    );
  });
});
