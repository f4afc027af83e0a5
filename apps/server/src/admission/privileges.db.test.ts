import { describe, expect, it } from 'vitest';

import { useAdmissionWorld } from './test-world.ts';

describe('what needs a right over the host', { timeout: 120_000 }, () => {
  const world = useAdmissionWorld();
  const { admin, file, apply, fresh, expectRefused } = world;

  it.each([
    '/var/run/docker.sock',
    '/run/docker.sock',
    '/var/run/../run/docker.sock',
    '/',
    '/proc',
    '//var//run/docker.sock',
  ])('S-1 a bind of %s needs the right to the engine, on create and update', (path) =>
    expectRefused(`volumes: ["${path}:/host"]`, 'host.engine-socket'),
  );

  it('S-1 any other path of the host needs the right to bind', () =>
    expectRefused('volumes: ["/etc:/host:ro"]', 'host.bind-mount'));

  it.each([
    ['{ driver_opts: { type: none, o: bind, device: / } }'],
    ['{ driver_opts: { type: none, o: "bind,ro", device: / } }'],
    ['{ driver_opts: { type: none, o: rbind, device: / } }'],
    ['{ driver_opts: { type: nfs, o: "addr=10.0.0.1", device: ":/" } }'],
    ['{ driver: other }'],
  ])('S-2 a volume %s that is a bind in disguise is refused for everyone', async (volume) => {
    const text = file('volumes: ["data:/data"]', `volumes:\n  data: ${volume}\n`);
    await expect(apply(admin, fresh(), text)).rejects.toMatchObject({ code: 'compose.invalid' });
  });

  it('S-2 the long syntax of a bind is a bind', () =>
    expectRefused('volumes: [{ type: bind, source: /etc, target: /host }]', 'host.bind-mount'));

  it.each([
    ['privileged: true', 'host.privileged'],
    ['cap_add: [ALL]', 'host.capabilities'],
    ['cap_add: [SYS_ADMIN]', 'host.capabilities'],
    ['cap_add: [NET_ADMIN]', 'host.capabilities'],
    ['cap_add: [SYS_PTRACE]', 'host.capabilities'],
    ['cap_add: [cap_sys_admin]', 'host.capabilities'],
    ['devices: ["/dev/sda:/dev/sda"]', 'host.devices'],
    ['pid: host', 'host.namespaces'],
    ['ipc: host', 'host.namespaces'],
    ['network_mode: host', 'host.namespaces'],
    ['network_mode: bridge', 'host.namespaces'],
    ['security_opt: ["seccomp=unconfined"]', 'host.security-opt'],
    ['security_opt: ["apparmor=unconfined"]', 'host.security-opt'],
    ['security_opt: ["label=disable"]', 'host.security-opt'],
    ['sysctls: { kernel.msgmax: 65536 }', 'host.sysctls'],
  ])('S-3 %s needs the permission %s', (key, permission) => expectRefused(key, permission));

  it.each([
    'uts: host',
    'userns_mode: host',
    'cgroup: host',
    'network_mode: "container:other"',
    'device_cgroup_rules: ["c 1:3 mr"]',
    'cgroup_parent: /other',
    'runtime: other',
    'gpus: all',
    'volumes_from: [other]',
  ])('S-3 %s is refused for everyone, with its place in the file', async (key) => {
    await expect(apply(admin, fresh(), file(key))).rejects.toMatchObject({
      code: 'compose.invalid',
      details: [expect.objectContaining({ line: expect.any(Number) })],
    });
  });
});
