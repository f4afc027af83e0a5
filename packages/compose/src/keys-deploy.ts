import { bytes, duration, integer, listOf, number, oneOf, pairs, section, text, texts } from './forms.ts';
import type { KeyRules, Section } from './key-rules.ts';

const change = (failureActions: string[]): KeyRules => ({
  parallelism: { does: 'Tasks changed at once; 1 without it, 0 means all.', form: integer },
  delay: { does: 'Time between batches.', form: duration },
  order: { does: '`stop-first` (without it) or `start-first`.', form: oneOf('stop-first', 'start-first') },
  monitor: { does: 'Time in which a failure still counts; 5s without it.', form: duration },
  max_failure_ratio: { does: 'Share of tasks that may fail, 0 to 1.', form: number },
  failure_action: { does: `What follows on failure; \`pause\` without it.`, form: oneOf(...failureActions) },
});

/** `deploy` and the sections below it. */
export const deployKeys: Readonly<Record<string, Section>> = {
  deploy: {
    path: 'services.*.deploy',
    keys: {
      mode: { does: '`replicated`, or `global` for one task per node.', form: oneOf('replicated', 'global') },
      replicas: { does: 'Number of tasks; an apply that names none leaves it as it is.', form: integer },
      labels: { does: 'Labels of the service.', form: pairs, merge: 'pairs' },
      endpoint_mode: {
        does: 'Only `dnsrr`, which is how names are answered: with the addresses of the ready tasks.',
        form: oneOf('dnsrr'),
      },
      placement: { does: 'Where tasks may run.', form: [section('placement')] },
      resources: { does: 'What a task may use and what is kept free for it.', form: [section('resources')] },
      restart_policy: {
        does: 'How the agent restarts a container that ended.',
        form: [section('restart-policy')],
      },
      update_config: { does: 'How an update goes.', form: [section('update-config')] },
      rollback_config: { does: 'How the way back goes.', form: [section('rollback-config')] },
    },
  },
  placement: {
    path: 'services.*.deploy.placement',
    keys: {
      constraints: {
        does: '`node.id`, `node.hostname`, `node.platform.os`, `node.platform.arch`, `node.labels.…`, `engine.labels.…` with `==` or `!=`.',
        form: texts,
      },
      preferences: {
        does: 'Labels to spread over, most important first.',
        form: [listOf(section('preference'))],
      },
      max_replicas_per_node: { does: 'At most so many tasks on one node.', form: integer },
    },
  },
  preference: {
    path: 'services.*.deploy.placement.preferences[]',
    keys: { spread: { does: '`node.labels.…` or `engine.labels.…`.', form: text, required: true } },
  },
  resources: {
    path: 'services.*.deploy.resources',
    keys: {
      limits: { does: 'At most this much.', form: [section('limits')] },
      reservations: { does: 'A node must have this much left.', form: [section('reservations')] },
    },
  },
  limits: {
    path: 'services.*.deploy.resources.limits',
    keys: {
      cpus: { does: 'Cores.', form: number },
      memory: { does: 'Memory.', form: bytes },
      pids: { does: 'Processes and threads.', form: integer },
    },
  },
  reservations: {
    path: 'services.*.deploy.resources.reservations',
    keys: {
      cpus: { does: 'Cores.', form: number },
      memory: { does: 'Memory.', form: bytes },
      pids: { does: 'Processes and threads.', form: integer },
      devices: {
        instead: 'name the device files under `devices` and choose nodes by `deploy.placement.constraints`',
      },
      generic_resources: { instead: 'choose nodes by `deploy.placement.constraints`' },
    },
  },
  'restart-policy': {
    path: 'services.*.deploy.restart_policy',
    keys: {
      condition: {
        does: 'Which ends are followed by a restart; `any` without it.',
        form: oneOf('none', 'on-failure', 'any'),
      },
      delay: { does: 'First wait between attempts; 5s without it.', form: duration },
      max_attempts: { does: 'Restarts before the task has failed; unlimited without it.', form: integer },
      window: {
        does: 'Only restarts within this time count towards `max_attempts`; all of them without it.',
        form: duration,
      },
    },
  },
  'update-config': {
    path: 'services.*.deploy.update_config',
    keys: change(['pause', 'continue', 'rollback']),
  },
  'rollback-config': {
    path: 'services.*.deploy.rollback_config',
    keys: change(['pause', 'continue']),
  },
};
