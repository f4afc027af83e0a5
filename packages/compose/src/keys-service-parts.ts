import {
  boolean,
  bytes,
  duration,
  fullMapOf,
  integer,
  oneOf,
  section,
  text,
  textOrTexts,
  texts,
} from './forms.ts';
import type { Section } from './key-rules.ts';

const ADDRESSES =
  'remove it; addresses come from the placement plan, names are answered by service and alias';

/** The mappings below the keys of a service, except `deploy`. */
export const servicePartKeys: Readonly<Record<string, Section>> = {
  extends: {
    path: 'services.*.extends',
    keys: {
      service: { does: 'The service to take over.', form: text, required: true },
      file: { does: 'Its file in the bundle, relative to this one.', form: text },
    },
  },
  'env-file': {
    path: 'services.*.env_file[]',
    keys: {
      path: { does: 'The file in the bundle, relative to this one.', form: text, required: true },
      required: { does: 'With `false` the file may be missing.', form: boolean },
      format: { does: '`raw` takes values as they are.', form: oneOf('raw') },
    },
  },
  port: {
    path: 'services.*.ports[]',
    keys: {
      target: { does: 'Port in the container.', form: integer, required: true },
      published: { does: 'Port of the host, or a range of which each task gets one.', form: text },
      host_ip: { does: 'Address of the host.', form: text },
      protocol: { does: '`tcp` or `udp`.', form: oneOf('tcp', 'udp') },
      mode: { does: "`host`: the port is published on the task's own host.", form: text },
      name: { instead: 'remove it' },
      app_protocol: { instead: 'remove it' },
    },
  },
  mount: {
    path: 'services.*.volumes[]',
    keys: {
      type: { does: '`volume`, `bind` or `tmpfs`.', form: oneOf('volume', 'bind', 'tmpfs'), required: true },
      source: { does: 'A volume of the stack, or an absolute path of the host.', form: text },
      target: { does: 'Absolute path in the container.', form: text, required: true },
      read_only: { does: 'The container cannot write to it.', form: boolean },
      bind: { does: 'Settings of a bind mount.', form: [section('mount-bind')] },
      volume: { does: 'Settings of a volume.', form: [section('mount-volume')] },
      tmpfs: { does: 'Settings of a tmpfs.', form: [section('mount-tmpfs')] },
      image: { instead: 'copy what you need into a volume from a service that runs the image' },
      consistency: { instead: 'remove it; it exists on Docker Desktop only' },
    },
  },
  'mount-bind': {
    path: 'services.*.volumes[].bind',
    keys: {
      propagation: {
        does: 'How mounts below it travel.',
        form: oneOf('private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'),
      },
      create_host_path: { does: 'A missing path is created; the default.', form: boolean },
      recursive: { instead: 'remove it; mounts below the path are included' },
      selinux: { instead: 'label the path on the host' },
    },
  },
  'mount-volume': {
    path: 'services.*.volumes[].volume',
    keys: {
      nocopy: { does: "The image's files are not copied into a new volume.", form: boolean },
      subpath: { instead: 'use a volume of its own' },
      labels: { instead: 'remove it; volumes have no labels, services do' },
    },
  },
  'mount-tmpfs': {
    path: 'services.*.volumes[].tmpfs',
    keys: {
      size: { does: 'Largest size.', form: bytes },
      mode: { does: 'File mode, octal.', form: text },
    },
  },
  'service-network': {
    path: 'services.*.networks.*',
    keys: {
      aliases: { does: 'Further names of the service on this network.', form: texts },
      interface_name: { instead: 'remove it' },
      ipv4_address: { instead: ADDRESSES },
      ipv6_address: { instead: ADDRESSES },
      link_local_ips: { instead: ADDRESSES },
      mac_address: { instead: ADDRESSES },
      driver_opts: { instead: 'remove it; how a container is joined follows from the network' },
      priority: { instead: 'remove it; every network is joined before the start' },
      gw_priority: { instead: 'remove it; make the networks that are no way out `internal`' },
    },
  },
  healthcheck: {
    path: 'services.*.healthcheck',
    keys: {
      test: {
        does: 'A text for the shell, or a list that begins with CMD, CMD-SHELL or NONE.',
        form: textOrTexts,
        merge: 'replace',
      },
      interval: { does: 'Time between tests; 30s without it.', form: duration },
      timeout: { does: 'Time one test may take; 30s without it.', form: duration },
      retries: { does: 'Failures in a row until unhealthy; 3 without it.', form: integer },
      start_period: { does: 'Time at first in which failures do not count.', form: duration },
      start_interval: {
        does: 'Time between tests in the start period, where the engine can.',
        form: duration,
      },
      disable: { does: "Switches the image's own test off.", form: boolean },
    },
  },
  dependency: {
    path: 'services.*.depends_on.*',
    keys: {
      condition: {
        does: 'What is waited for.',
        form: oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
      },
      required: { does: 'With `false` the other service may be outside the chosen profiles.', form: boolean },
      restart: {
        does: 'Whenever the other service is rolled or restarted from here, this one is restarted after it, once that rollout has ended; a container that dies restarts alone.',
        form: boolean,
      },
    },
  },
  grant: {
    path: 'services.*.configs[], services.*.secrets[]',
    keys: {
      source: { does: 'The config or secret.', form: text, required: true },
      target: { does: 'Path in the container.', form: text },
      uid: { does: 'Owner.', form: text },
      gid: { does: 'Group.', form: text },
      mode: { does: 'File mode, octal; 0444 without it.', form: text },
    },
  },
  device: {
    path: 'services.*.devices[]',
    keys: {
      source: { does: 'Device file of the host.', form: text, required: true },
      target: { does: 'Device file in the container.', form: text },
      permissions: { does: 'Of `r`, `w` and `m`; all without it.', form: text },
    },
  },
  ulimit: {
    path: 'services.*.ulimits.*',
    keys: {
      soft: { does: 'Soft limit.', form: integer, required: true },
      hard: { does: 'Hard limit.', form: integer, required: true },
    },
  },
  logging: {
    path: 'services.*.logging',
    keys: {
      driver: {
        does: 'Log driver of the engine; all but json-file, local, journald and none need the permission host.namespaces.',
        form: text,
      },
      options: { does: 'Options of the driver.', form: [fullMapOf(...text)] },
    },
  },
  'x-portreeve': {
    path: 'services.*.x-portreeve',
    keys: {
      strategy: {
        does: '`spread` tasks over nodes, or fill nodes up (`binpack`).',
        form: oneOf('spread', 'binpack'),
      },
      gate_each_batch: {
        does: '`monitor` holds back every batch of an update, not only its end.',
        form: boolean,
      },
    },
  },
};
