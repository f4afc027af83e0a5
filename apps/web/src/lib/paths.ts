/** Every URL of the console. No other file writes one; the snapshot in paths.test.ts lists them all. */
type Query = Record<string, string | number | undefined>;

const url = (path: string, query: Query = {}): string => {
  const text = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, String(value)]],
    ),
  ).toString();
  return text === '' ? path : `${path}?${text}`;
};
const object =
  (root: string) =>
  (id: string, tab?: string, query?: Query): string =>
    url(`${root}/${encodeURIComponent(id)}${tab ? `/${tab}` : ''}`, query);
const list =
  (path: string) =>
  (query?: Query): string =>
    url(path, query);

export const paths = {
  signIn: (next?: string) => url('/sign-in', { next }),
  overview: list('/'),
  stacks: list('/stacks'),
  services: list('/services'),
  stack: object('/stacks'),
  deploy: (query?: { stack?: string; project?: string; version?: number }) => url('/deploy', query),
  service: object('/services'),
  rollout: object('/rollouts'),
  task: object('/tasks'),
  projects: list('/projects'),
  project: object('/projects'),
  nodes: list('/nodes'),
  addNode: list('/nodes/add'),
  node: object('/nodes'),
  configs: list('/configs'),
  secrets: list('/secrets'),
  networks: list('/networks'),
  volumes: list('/volumes'),
  registries: list('/registries'),
  activity: list('/activity'),
  alerts: list('/alerts'),
  people: list('/people'),
  person: object('/people'),
  teams: list('/teams'),
  team: object('/teams'),
  roles: list('/roles'),
  role: object('/roles'),
  grants: list('/grants'),
  unusedRights: list('/grants/unused'),
  serviceAccounts: list('/service-accounts'),
  serviceAccount: object('/service-accounts'),
  audit: list('/audit'),
  auditVerify: list('/audit/verify'),
  auditForwards: list('/audit/forwards'),
  auditArchives: list('/audit/archives'),
  recording: object('/audit/recordings'),
  newDirectory: list('/settings/directories/new'),
  directory: object('/settings/directories'),
  settings: (tab?: string) => `/settings${tab ? `/${tab}` : ''}`,
  account: (tab?: string) => `/account${tab ? `/${tab}` : ''}`,
  device: (code?: string) => url('/device', { code }),
  apiDocs: () => '/api/docs',
};
