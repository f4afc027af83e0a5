import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keyTable } from '../src/index.ts';
import { keyDocs } from '../src/key-docs.ts';
import { composeSchema } from '../src/schema.ts';
import { saidOf, withService } from './reading.ts';

const refused = Object.entries(keyTable.service?.keys ?? {}).flatMap(([key, rule]) =>
  'instead' in rule ? [[key, rule.instead] as const] : [],
);

/** Keys of a service in the Compose specification (schema/compose-spec.json of compose-go 2.10). */
const SPECIFIED = `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs
  container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset
  credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint
  env_file environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc
  isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models
  network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged
  profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size
  stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts
  volumes volumes_from working_dir`.split(/\s+/);

describe('the key table', () => {
  test('knows every key that the specification gives a service', () => {
    const known = Object.keys(keyTable.service?.keys ?? {}).filter((key) => !key.startsWith('x-'));
    expect(known.sort()).toEqual(SPECIFIED.sort());
  });

  test.each(refused)('%s is refused with what to do instead', (key, instead) => {
    const problems = saidOf(withService(`${key}: x`));
    expect(problems).toEqual([
      `services.web.${key}: ${key} is not supported: ${instead.replaceAll('`', '')}.`,
    ]);
  });

  test.each([
    ['portz: []', 'services.web.portz: There is no key portz here; did you mean ports?'],
    ['cap-add: []', 'services.web.cap-add: There is no key cap-add here; did you mean cap_add?'],
    [
      'deploy: { replica: 1 }',
      'services.web.deploy.replica: There is no key replica here; did you mean replicas?',
    ],
    [
      'quaternion: 1',
      'services.web.quaternion: There is no key quaternion here; remove it, or begin it with x-.',
    ],
  ])('%s is an error', (keys, message) => {
    expect(saidOf(withService(keys))).toEqual([message]);
  });

  test.each([
    ['ports: { a: b }', 'services.web.ports: services.web.ports takes a list; write it so.'],
    ['image: [a]', 'services.web.image: services.web.image takes a single value; write it so.'],
    ['deploy: yes', 'services.web.deploy: services.web.deploy takes a mapping; write it so.'],
    [
      'command: { a: b }',
      'services.web.command: services.web.command takes a single value or a list; write it so.',
    ],
    [
      'environment: [[a]]',
      'services.web.environment[0]: services.web.environment[0] takes a single value; write it so.',
    ],
  ])('a value of another shape, as in %s, is an error', (keys, message) => {
    expect(
      saidOf(`services:\n  web:\n    ${keys.startsWith('image') ? '' : 'image: a\n    '}${keys}\n`),
    ).toContain(message);
  });

  test.each([
    ['ulimits: { nofile: }', 'services.web.ulimits.nofile'],
    ['extra_hosts: { db: }', 'services.web.extra_hosts.db'],
    ['logging: { driver: local, options: { max-size: } }', 'services.web.logging.options.max-size'],
  ])('a name whose value was forgotten, as in %s, is an error', (keys, path) => {
    expect(saidOf(withService(keys))).toEqual([
      `${path}: ${path} is empty; write a value, or remove the line.`,
    ]);
  });

  test('every section that a key leads to is in the table', () => {
    const leadsTo = JSON.stringify(keyTable).matchAll(/"is":"section","of":"([^"]+)"/g);
    for (const [, section] of leadsTo) expect(Object.keys(keyTable)).toContain(section);
  });

  test('the page docs/compose/keys.md is what the table makes', () => {
    const page = readFileSync(new URL('../../../docs/compose/keys.md', import.meta.url), 'utf8');
    expect(page, 'run npm run docs -w @portreeve/compose').toBe(keyDocs());
  });

  test('the schema for the editor offers honoured keys with what they do, and no refused one', () => {
    const service = (composeSchema.definitions as Record<string, { properties: Record<string, unknown> }>)
      .service;
    expect(service?.properties.stop_signal).toEqual({
      description: 'Signal that asks the process to stop.',
      type: ['string', 'number', 'boolean'],
    });
    expect(Object.keys(service?.properties ?? {})).not.toContain('build');
    expect(JSON.parse(JSON.stringify(composeSchema))).toEqual(composeSchema);
  });
});
