import { z } from 'zod';

/**
 * Every permission there is: `kind.verb`. Routes, socket events and live topics each name one; what names
 * none is refused and fails the build.
 */
export const PERMISSIONS = {
  'project.read': 'See a project and what is in it',
  'project.edit': 'Create, rename and remove projects',
  'stack.read': 'See stacks, services, revisions and tasks',
  'service.deploy': 'Apply a Compose file, roll, undo, pause and resume',
  'service.scale': 'Change the number of replicas',
  'service.stop': 'Stop, start and restart services',
  'service.remove': 'Remove services and stacks',
  'service.logs': 'Read logs',
  'service.exec': 'Open a terminal in a container',
  'service.env.read': 'See environment values and command lines',
  'service.webhook': 'Manage the webhook of a service',
  'host.bind-mount': 'Mount paths of the host',
  'host.privileged': 'Run privileged containers',
  'host.namespaces': "Use the host's network, PID or IPC namespace",
  'host.devices': 'Use devices of the host',
  'host.capabilities': 'Add capabilities beyond the default set',
  'host.engine-socket': "Mount the engine's socket",
  'host.security-opt': 'Loosen seccomp, AppArmor or SELinux',
  'host.sysctls': 'Set sysctls',
  'config.read': 'See configs',
  'config.edit': 'Create, change and remove configs',
  'secret.list': 'See the names and versions of secrets',
  'secret.edit': 'Create, change and remove secrets',
  'network.read': 'See networks',
  'network.edit': 'Remove networks',
  'volume.read': 'See volumes',
  'volume.edit': 'Remove volumes',
  'registry.read': 'See registries',
  'registry.edit': 'Add, change and remove registries and their credentials',
  'node.read': 'See nodes',
  'node.join': 'Make join tokens',
  'node.edit': 'Change labels, project and name of a node',
  'node.drain': 'Cordon, drain and uncordon',
  'node.remove': 'Remove a node and revoke its certificate',
  'audit.read': 'Read the audit',
  'activity.read': 'Read the activity timeline',
  'alert.read': 'See alerts',
  'alert.edit': 'Acknowledge alerts and edit where they are sent',
  'settings.read': 'See the settings of the cluster',
  'settings.edit': 'Change the settings of the cluster',
  'token.own': 'Manage own tokens and sessions',
} as const;

export type Permission = keyof typeof PERMISSIONS;
export const Permission = z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]]);
