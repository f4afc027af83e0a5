import { paths } from '../../apps/web/src/lib/paths.ts';

/** A page of the console to be looked at: a name for its picture, where it is, and text that is there when it is done. */
export type Screen = { name: string; path: string };

/** Objects that pages of their own exist for. */
export type Ids = { stack: string; service: string; rollout: string; task: string; node: string } & AccessIds;
export type AccessIds = {
  project: string;
  person: string;
  team: string;
  role: string;
  serviceAccount: string;
  directory: string;
  recording: string;
};

const SERVICE_TABS = [
  'rollouts',
  'revisions',
  'logs',
  'terminal',
  'metrics',
  'placement',
  'configuration',
  'activity',
  'access',
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
  { name: 'people', path: paths.people() },
  { name: 'teams', path: paths.teams() },
  { name: 'roles', path: paths.roles() },
  { name: 'grants', path: paths.grants() },
  { name: 'unused-rights', path: paths.unusedRights() },
  { name: 'service-accounts', path: paths.serviceAccounts() },
  { name: 'audit', path: paths.audit() },
  { name: 'audit-verify', path: paths.auditVerify() },
  { name: 'audit-forwards', path: paths.auditForwards() },
  { name: 'audit-archives', path: paths.auditArchives() },
  { name: 'alerts', path: paths.alerts() },
  { name: 'projects', path: paths.projects() },
  { name: 'settings', path: paths.settings() },
  { name: 'settings-directories', path: paths.settings('directories') },
  { name: 'new-directory', path: paths.newDirectory() },
  { name: 'settings-servers', path: paths.settings('servers') },
  { name: 'account', path: paths.account() },
  { name: 'account-rights', path: paths.account('rights') },
  { name: 'account-sessions', path: paths.account('sessions') },
  { name: 'account-tokens', path: paths.account('tokens') },
  { name: 'device', path: paths.device() },
];

/** The pages of those who may do something, and of what it may be. */
const accessScreens = (ids: AccessIds): Screen[] => [
  { name: 'project', path: paths.project(ids.project) },
  { name: 'project-grants', path: paths.project(ids.project, 'grants') },
  { name: 'project-access', path: paths.project(ids.project, 'access') },
  { name: 'person', path: paths.person(ids.person) },
  { name: 'person-rights', path: paths.person(ids.person, 'rights') },
  { name: 'team', path: paths.team(ids.team) },
  { name: 'team-rules', path: paths.team(ids.team, 'rules') },
  { name: 'team-grants', path: paths.team(ids.team, 'grants') },
  { name: 'role', path: paths.role(ids.role) },
  { name: 'role-grants', path: paths.role(ids.role, 'grants') },
  { name: 'role-edit', path: paths.role(ids.role, 'edit') },
  { name: 'serviceaccount', path: paths.serviceAccount(ids.serviceAccount) },
  { name: 'serviceaccount-grants', path: paths.serviceAccount(ids.serviceAccount, 'grants') },
  { name: 'directory', path: paths.directory(ids.directory) },
  { name: 'directory-set-up', path: paths.directory(ids.directory, 'set-up') },
  { name: 'recording', path: paths.recording(ids.recording) },
];

/** The pages of objects, each with its tabs. */
export const objectScreens = (ids: Ids): Screen[] => [
  { name: 'stack', path: paths.stack(ids.stack) },
  ...['file', 'things', 'activity', 'access'].map((tab) => ({
    name: `stack-${tab}`,
    path: paths.stack(ids.stack, tab),
  })),
  { name: 'deploy', path: paths.deploy({ stack: ids.stack }) },
  { name: 'service', path: paths.service(ids.service) },
  ...SERVICE_TABS.map((tab) => ({ name: `service-${tab}`, path: paths.service(ids.service, tab) })),
  { name: 'rollout', path: paths.rollout(ids.rollout) },
  { name: 'task', path: paths.task(ids.task) },
  { name: 'node', path: paths.node(ids.node) },
  ...['host', 'containers', 'activity', 'access'].map((tab) => ({
    name: `node-${tab}`,
    path: paths.node(ids.node, tab),
  })),
  ...accessScreens(ids),
];
