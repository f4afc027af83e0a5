import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { document, task } from '../../test/documents.ts';
import { compareApi, negotiateApi } from './api-version.ts';
import { isLeaving } from './call.ts';
import { createOptions, imageReference } from './create-options.ts';
import { collectable } from './images.ts';
import { foldProgress, type PullProgress } from './pull.ts';
import { authFor } from './registry.ts';
import { healthOfStatus } from './seen.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const pin = {
  kind: 'digest',
  reference: 'web:1',
  registry: 'r.example:5000',
  repository: 'shop/web',
  digest,
} as const;
const node = { clusterId: randomUUID(), nodeId: randomUUID() };

test('the API version is the newest both sides speak', () => {
  expect(negotiateApi({ newest: '1.41', oldest: '1.12' })).toBe('1.41');
  expect(negotiateApi({ newest: '1.99', oldest: '1.44' })).toBe('1.51');
  expect(compareApi('1.9', '1.41')).toBeLessThan(0);
});

test('an engine too old, or too new, is refused with a sentence', () => {
  expect(() => negotiateApi({ newest: '1.39' })).toThrow('is too old: the agent needs 1.40');
  expect(() => negotiateApi({ newest: '1.99', oldest: '1.90' })).toThrow('upgrade the agent');
});

test('T7 an image is named by its digest, never by a tag', () => {
  expect(imageReference(pin)).toBe(`r.example:5000/shop/web@${digest}`);
});

test("S-40 a pull has the credentials of the nearest project, never another project's", () => {
  const access = (projectPath: string, more = {}) => ({
    ...{ registry: pin.registry, projectPath, username: projectPath, password: 'x', plainHttp: false },
    ...more,
  });
  const all = [access('/'), access('/shop/web'), access('/other'), access('/shop')];
  const authOf = (project: string, some = all) => authFor(some, pin.registry, project);
  expect(authOf('/shop/web/a')).toMatchObject({ username: '/shop/web' });
  expect(authOf('/shop')).toMatchObject({ username: '/shop' });
  expect(authOf('/shopping')).toMatchObject({ username: '/' });
  expect(authOf('/team', [access('/other')])).toBeUndefined();
  expect(authOf('/other', [access('/other', { username: undefined }), access('/')])).toBeUndefined();
});

const around = {
  node,
  attempt: 2,
  containerName: 'web.2',
  attachment: {
    endpoints: [
      { network: 'n1', config: { MacAddress: '02:00:00:00:00:01', Aliases: ['web'] } },
      { network: 'n2', config: {} },
    ],
    dnsServers: ['10.0.0.1'],
    resolvConf: '/run/portreeve/x/resolv.conf',
  },
  files: [{ hostPath: '/run/portreeve/x/0', target: '/run/secrets/a' }],
  manyNetworks: true,
};

test('everything a service asks for reaches the engine', () => {
  const options = createOptions(
    task({
      pin,
      ports: [{ target: 80, published: 8080, protocol: 'tcp', hostAddress: '127.0.0.1' }],
      spec: {
        command: ['serve'],
        environment: { A: 'b' },
        limits: { cpus: 1.5, memoryBytes: 1024, pids: 10 },
        capDrop: ['ALL'],
        readOnly: true,
        init: true,
        stopGraceMs: 1_500,
        healthcheck: { test: ['CMD', 'true'], intervalMs: 1_000 },
        mounts: [{ kind: 'tmpfs', target: '/tmp', sizeBytes: 4_096 }],
        ulimits: { nofile: { soft: 1, hard: 2 } },
        dns: { servers: ['9.9.9.9'] },
        extraHosts: [{ host: 'db', address: '10.0.0.2' }],
      },
    }),
    around,
  );
  expect(options).toMatchObject({
    name: 'web.2',
    Cmd: ['serve'],
    Env: ['A=b'],
    StopTimeout: 2,
    Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000 },
    ExposedPorts: { '80/tcp': {} },
    Labels: { 'io.portreeve.attempt': '2', 'io.portreeve.node': node.nodeId },
    HostConfig: {
      NanoCpus: 1_500_000_000,
      Memory: 1_024,
      PidsLimit: 10,
      CapDrop: ['ALL'],
      ReadonlyRootfs: true,
      Init: true,
      NetworkMode: 'n1',
      RestartPolicy: { Name: 'no' },
      PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] },
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      Dns: ['10.0.0.1', '9.9.9.9'],
      ExtraHosts: ['db:10.0.0.2'],
    },
  });
  expect(options.HostConfig?.Mounts).toEqual([
    expect.objectContaining({ Type: 'tmpfs', Target: '/tmp' }),
    expect.objectContaining({ Type: 'bind', Source: '/run/portreeve/x/0', ReadOnly: true }),
    expect.objectContaining({ Target: '/etc/resolv.conf', ReadOnly: true }),
  ]);
  expect(Object.keys(options.NetworkingConfig?.EndpointsConfig ?? {})).toEqual(['n1', 'n2']);
});

test('an engine before API 1.44 is given the first network and its MAC at creation', () => {
  const options = createOptions(task({ pin }), { ...around, manyNetworks: false });
  expect(options).toMatchObject({
    MacAddress: '02:00:00:00:00:01',
    NetworkingConfig: { EndpointsConfig: { n1: { Aliases: ['web'] } } },
  });
});

test('labels of a service cannot pass for ours', () => {
  const options = createOptions(task({ pin, spec: { labels: { 'io.portreeve.node': 'forged' } } }), around);
  expect(options.Labels?.['io.portreeve.node']).toBe(node.nodeId);
});

test('only images long unused, of no task and that no undo could need are collected, the oldest first', () => {
  const now = 10 * 3_600_000;
  const of = (letter: string) => `r/x@sha256:${letter.repeat(64)}`;
  const doc = document(node, 1, [task({ pin })], { keepImages: [`sha256:${'c'.repeat(64)}`] });
  const held = [
    { reference: of('b'), at: now - 2 * 3_600_000 },
    { reference: of('c'), at: 0 },
    { reference: of('d'), at: now - 60_000 },
    { reference: of('e'), at: 0 },
    { reference: imageReference(pin), at: 0 },
  ];
  expect(collectable(held, doc, now)).toEqual([of('e'), of('b')]);
});

test('the progress of a pull counts each layer once', () => {
  const layers = new Map<string, PullProgress>();
  foldProgress(layers, { id: 'a', status: 'Downloading', progressDetail: { current: 5, total: 10 } });
  foldProgress(layers, { id: 'b', status: 'Downloading', progressDetail: { current: 1, total: 20 } });
  expect(foldProgress(layers, { id: 'a', status: 'Download complete' })).toEqual({
    currentBytes: 11,
    totalBytes: 30,
  });
});

test('health is read from the words of the list', () => {
  expect(healthOfStatus('Up 3 seconds (healthy)')).toBe('healthy');
  expect(healthOfStatus('Up 3 seconds (unhealthy)')).toBe('unhealthy');
  expect(healthOfStatus('Up 3 seconds (health: starting)')).toBe('starting');
  expect(healthOfStatus('Up 3 seconds')).toBe('none');
});

const said = (message: string) => Object.assign(new Error(message), { statusCode: 500 });

test.each([
  '(HTTP code 500) server error - transport is closing: unavailable ',
  '(HTTP code 500) server error - grpc: the client connection is closing: context canceled ',
  'dial unix /run/containerd/containerd.sock: connect: no such file',
  'failed to update store for object type *libnetwork.endpoint: open : no such file or directory',
  `task ${'0577339f'.repeat(8)}: already exists`,
  `failed to start shim: mkdir /var/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/${'195f4fb4'.repeat(8)}: file exists: unknown`,
])('F-10 an engine that goes refuses for itself: %s', (message) => {
  expect(isLeaving(said(message))).toBe(true);
});

test.each([
  'driver failed programming external connectivity: port is already allocated',
  'OCI runtime create failed: exec: "x": executable file not found',
])('F-10 an engine that stays refuses the container: %s', (message) => {
  expect(isLeaving(said(message))).toBe(false);
});
