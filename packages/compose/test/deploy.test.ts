import { describe, expect, test } from 'vitest';
import { applicationOf, saidOf, specOf, withService } from './reading.ts';

describe('deploy', () => {
  test('all of it arrives in the spec', () => {
    const text = withService(`
deploy:
  mode: replicated
  replicas: 4
  endpoint_mode: dnsrr
  labels: { a: b }
  placement:
    constraints: [node.labels.zone==a, "node.hostname != db 1", node.platform.arch == amd64]
    preferences: [{ spread: node.labels.zone }, { spread: engine.labels.rack }]
    max_replicas_per_node: 2
  resources:
    limits: { cpus: '0.5', memory: 64m, pids: 100 }
    reservations: { cpus: 0.25, memory: 32m }
  restart_policy: { condition: on-failure, delay: 1s, max_attempts: 3, window: 1m }
  update_config: { parallelism: 2, delay: 1s, order: start-first, monitor: 0s, max_failure_ratio: 0.2, failure_action: rollback }
  rollback_config: { parallelism: 0, failure_action: continue }
x-portreeve: { strategy: binpack, gate_each_batch: true }
`);
    const [service] = applicationOf(text).services;
    expect(service?.replicas).toBe(4);
    expect(service?.spec).toMatchObject({
      mode: 'replicated',
      serviceLabels: { a: 'b' },
      labels: {},
      constraints: [
        { key: 'node.labels.zone', operator: '==', value: 'a' },
        { key: 'node.hostname', operator: '!=', value: 'db 1' },
        { key: 'node.platform.arch', operator: '==', value: 'amd64' },
      ],
      spreadOver: ['node.labels.zone', 'engine.labels.rack'],
      maxPerNode: 2,
      limits: { cpus: 0.5, memoryBytes: 67_108_864, pids: 100 },
      reservations: { cpus: 0.25, memoryBytes: 33_554_432 },
      restart: { condition: 'on-failure', delayMs: 1_000, maxAttempts: 3, windowMs: 60_000 },
      update: {
        parallelism: 2,
        delayMs: 1_000,
        order: 'start-first',
        monitorMs: 0,
        maxFailureRatio: 0.2,
        failureAction: 'rollback',
        gateEachBatch: true,
      },
      rollback: { parallelism: 0, order: 'stop-first', monitorMs: 5_000, failureAction: 'continue' },
      strategy: 'binpack',
    });
  });

  test('a file that names no replicas leaves their number open', () => {
    expect(applicationOf(withService('deploy: { mode: global }')).services[0]).not.toHaveProperty('replicas');
  });

  test.each([
    ['scale: 3', 3],
    ['deploy: { replicas: 0 }', 0],
    ['scale: 2\ndeploy: { replicas: 2 }', 2],
  ])('%s names the replicas', (keys, replicas) => {
    expect(applicationOf(withService(keys)).services[0]?.replicas).toBe(replicas);
  });

  test('the older keys for resources mean the same', () => {
    const spec = specOf(withService('cpus: 1.5\nmem_limit: 1g\nmem_reservation: 512m\npids_limit: 10'));
    expect(spec.limits).toEqual({ cpus: 1.5, memoryBytes: 1_073_741_824, pids: 10 });
    expect(spec.reservations).toEqual({ memoryBytes: 536_870_912 });
    expect(specOf(withService('pids_limit: -1')).limits).toEqual({});
  });

  test.each([
    ['"no"', { condition: 'none' }],
    ['always', { condition: 'any' }],
    ['unless-stopped', { condition: 'any' }],
    ['on-failure', { condition: 'on-failure' }],
    ['on-failure:5', { condition: 'on-failure', maxAttempts: 5 }],
  ])('restart: %s', (restart, policy) => {
    expect(specOf(withService(`restart: ${restart}`)).restart).toEqual({
      delayMs: 5_000,
      windowMs: 0,
      ...policy,
    });
  });

  test.each([
    [
      'scale: 3\ndeploy: { replicas: 2 }',
      'services.web.scale: This differs from deploy.replicas; remove one of them.',
    ],
    ['deploy: { mode: global, replicas: 2 }', 'A global service has one task on each node and no replicas'],
    ['deploy: { replicas: 1000000000 }', 'out of range; write a number between 0 and 10000'],
    ['scale: 10001', 'out of range; write a number between 0 and 10000'],
    ['mem_limit: 1k', 'No container starts with so little memory; give it at least 6m.'],
    [
      'mem_limit: 10m\nmem_reservation: 20m',
      'services.web.mem_limit: More memory is reserved than this limit allows; raise it, or reserve less.',
    ],
    ['ulimits: { nofle: 10 }', 'There is no limit nofle; did you mean nofile?'],
    ['deploy: { replicas: -1 }', '-1 is out of range; write a number between 0 and 10000.'],
    ['deploy: { replicas: 1.5 }', '“1.5” is no whole number; write digits only.'],
    ['deploy: { mode: replicated-job }', '“replicated-job” is not possible here; write replicated, global.'],
    ['deploy: { endpoint_mode: vip }', '“vip” is not possible here; write dnsrr.'],
    [
      'deploy: { placement: { constraints: [node.role == manager] } }',
      'There are no managers and workers; give the nodes a label',
    ],
    [
      'deploy: { placement: { constraints: [node.rack == a] } }',
      'Nothing is known as node.rack; use node.id',
    ],
    [
      'deploy: { placement: { constraints: [node.id = a] } }',
      'is no constraint; write it like node.labels.zone == a.',
    ],
    ['deploy: { placement: { preferences: [{ spread: node.id }] } }', 'Tasks spread over labels only'],
    ['deploy: { resources: { limits: { memory: lots } } }', '“lots” is no size; write it like 64m or 1gb.'],
    [
      'deploy: { resources: { limits: { cpus: -1 } } }',
      'A number of cores is not negative; write it like 0.5.',
    ],
    [
      'mem_limit: 1g\ndeploy: { resources: { limits: { memory: 2g } } }',
      'This differs from services.web.deploy.resources.limits.memory',
    ],
    [
      'deploy: { resources: { reservations: { devices: [] } } }',
      'devices is not supported: name the device files under devices',
    ],
    [
      'deploy: { update_config: { max_failure_ratio: 2 } }',
      'A failure ratio lies between 0 and 1; write it like 0.2.',
    ],
    ['deploy: { update_config: { delay: 10 } }', '“10” is no duration; write it with units, like 1m30s.'],
    [
      'deploy: { rollback_config: { failure_action: rollback } }',
      '“rollback” is not possible here; write pause, continue.',
    ],
    ['restart: sometimes', '“sometimes” is no restart policy; write "no", always'],
    [
      'restart: always\ndeploy: { restart_policy: { condition: any } }',
      'restart and deploy.restart_policy say the same; remove one of them.',
    ],
  ])('%s is an error', (keys, message) => {
    expect(saidOf(withService(keys)).join('\n')).toContain(message);
  });

  test.each([
    ['a global service', 'mode: global,', ''],
    ['a service with a volume of its host', '', 'volumes: ["data:/data"]'],
  ])('start-first with a fixed host port is an error for %s', (_, mode, volumes) => {
    const keys = (port: string) =>
      `ports: ["${port}:80"]\n${volumes}\ndeploy: { ${mode} update_config: { order: start-first } }`;
    expect(saidOf(withService(keys('8080'), 'volumes: { data: }'))).toEqual([
      expect.stringContaining(
        'services.web.deploy.update_config.order: With start-first the new task needs port 8080 while the old one',
      ),
    ]);
    expect(saidOf(withService(keys('8080-8081'), 'volumes: { data: }'))).toEqual([]);
  });
});

describe('healthcheck', () => {
  const defaults = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 };

  test.each([
    ['{ test: curl -f localhost }', { ...defaults, test: ['CMD-SHELL', 'curl -f localhost'] }],
    ['{ test: [CMD, a, b] }', { ...defaults, test: ['CMD', 'a', 'b'] }],
    ['{ test: [NONE] }', { ...defaults, test: ['NONE'] }],
    ['{ disable: true }', { ...defaults, test: ['NONE'] }],
    ['{ test: a, interval: 0s, retries: 0 }', { ...defaults, test: ['CMD-SHELL', 'a'] }],
    [
      '{ test: a, interval: 1s, timeout: 500ms, start_period: 2s, start_interval: 100ms, retries: 5 }',
      {
        test: ['CMD-SHELL', 'a'],
        intervalMs: 1_000,
        timeoutMs: 500,
        startPeriodMs: 2_000,
        startIntervalMs: 100,
        retries: 5,
      },
    ],
  ])('%s', (written, healthcheck) => {
    expect(specOf(withService(`healthcheck: ${written}`)).healthcheck).toEqual(healthcheck);
  });

  test.each([
    [
      '{ interval: 1s }',
      'This healthcheck has no test; add one, or remove it and the test of the image holds.',
    ],
    ['{ test: [curl, localhost] }', '“curl” does not begin a test; write ["CMD", "program", …]'],
    ['{ test: [] }', '“” does not begin a test'],
    ['{ test: a, interval: soon }', '“soon” is no duration; write it with units, like 1m30s.'],
  ])('%s is an error', (written, message) => {
    expect(saidOf(withService(`healthcheck: ${written}`)).join('\n')).toContain(message);
  });
});
