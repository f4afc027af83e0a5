import { paths } from '../../apps/web/src/lib/paths.ts';

/** A page of the console to be looked at: a name for its picture, where it is, and text that is there when it is done. */
export type Screen = { name: string; path: string };

/** Objects that pages of their own exist for. */
export type Ids = { stack: string; service: string; rollout: string; task: string; node: string };

const SERVICE_TABS = [
  'rollouts',
  'revisions',
  'logs',
  'terminal',
  'metrics',
  'placement',
  'configuration',
  'activity',
];

/** Lists and forms, which are there without any data. */
export const PLACES: readonly Screen[] = [
  { name: 'overview', path: paths.overview() },
  { name: 'stacks', path: paths.stacks() },
  { name: 'services', path: paths.services() },
  { name: 'deploy-new', path: paths.deploy() },
  { name: 'nodes', path: paths.nodes() },
  { name: 'add-node', path: paths.addNode() },
  { name: 'configs', path: paths.configs() },
  { name: 'secrets', path: paths.secrets() },
  { name: 'networks', path: paths.networks() },
  { name: 'volumes', path: paths.volumes() },
  { name: 'registries', path: paths.registries() },
  { name: 'activity', path: paths.activity() },
  { name: 'audit', path: paths.audit() },
  { name: 'alerts', path: paths.alerts() },
  { name: 'projects', path: paths.projects() },
  { name: 'settings', path: paths.settings() },
  { name: 'settings-servers', path: paths.settings('servers') },
  { name: 'account', path: paths.account() },
  { name: 'account-sessions', path: paths.account('sessions') },
  { name: 'account-tokens', path: paths.account('tokens') },
  { name: 'device', path: paths.device() },
];

/** The pages of objects, each with its tabs. */
export const objectScreens = (ids: Ids): Screen[] => [
  { name: 'stack', path: paths.stack(ids.stack) },
  ...['file', 'things', 'activity'].map((tab) => ({
    name: `stack-${tab}`,
    path: paths.stack(ids.stack, tab),
  })),
  { name: 'deploy', path: paths.deploy({ stack: ids.stack }) },
  { name: 'service', path: paths.service(ids.service) },
  ...SERVICE_TABS.map((tab) => ({ name: `service-${tab}`, path: paths.service(ids.service, tab) })),
  { name: 'rollout', path: paths.rollout(ids.rollout) },
  { name: 'task', path: paths.task(ids.task) },
  { name: 'node', path: paths.node(ids.node) },
  ...['host', 'containers', 'activity'].map((tab) => ({
    name: `node-${tab}`,
    path: paths.node(ids.node, tab),
  })),
];
