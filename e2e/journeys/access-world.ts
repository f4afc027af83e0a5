import { routes } from '@portreeve/contract';
import { BUILT_IN_ROLES } from '@portreeve/domain';
import type { Operator } from '../console/operator.ts';
import type { AccessIds } from './screens.ts';

const HOUR_MS = 3_600_000;

/** People, a team with somebody in it, a role of one's own, grants that end and do not, and an account of a program. */
export const fillAccess = async (operator: Operator): Promise<void> => {
  const { view: ada } = await operator.call(routes.users.create, {
    body: { name: 'ada', displayName: 'Ada Lovelace', email: 'ada@example.com' },
  });
  const team = await operator.call(routes.teams.create, {
    body: { name: 'storefront', description: 'Builds and runs the shop' },
  });
  await operator.call(routes.teams.addMember, { params: { id: team.id, user: ada.id } });
  const role = await operator.call(routes.roles.create, {
    body: { name: 'night watch', description: 'Restart and read logs', copyOf: BUILT_IN_ROLES.scheduler.id },
  });
  const account = await operator.call(routes.serviceAccounts.create, {
    query: { project: '/' },
    body: { name: 'ci-shop', displayName: 'Deploys the shop' },
  });
  const give = (kind: 'user' | 'team' | 'service-account', id: string, roleId: string, endsAt?: string) =>
    operator.call(routes.grants.create, {
      body: { subject: { kind, id }, role: roleId, project: '/', endsAt, reason: endsAt && 'incident 4411' },
    });
  await give('team', team.id, BUILT_IN_ROLES.restrictedControl.id);
  await give('user', ada.id, role.id, new Date(Date.now() + HOUR_MS).toISOString());
  await give('service-account', account.id, BUILT_IN_ROLES.restrictedControl.id);
  // Nothing listens there: its syncs fail, and say so.
  await operator.call(routes.directories.create, {
    body: {
      name: 'corp',
      untested: true,
      configuration: {
        kind: 'openldap',
        urls: ['ldaps://127.0.0.1:9'],
        verifyCertificate: false,
        users: [{ base: 'ou=people,dc=example' }],
        groups: { base: 'ou=groups,dc=example' },
      },
    },
  });
  await operator.call(routes.auditForwards.create, {
    body: { kind: 'syslog', name: 'company log', host: '127.0.0.1', port: 9, allowPrivateAddress: true },
  });
  await operator.call(routes.serviceAccounts.createToken, {
    params: { id: account.id },
    body: { name: 'pipeline', permissions: ['service.deploy', 'stack.read'] },
  });
};

/** One of each. */
export const accessIdsOf = async (operator: Operator): Promise<AccessIds> => {
  const [people, teams, roles, accounts, projects, directories] = await Promise.all([
    operator.call(routes.users.list, { query: { search: 'ada' } }),
    operator.call(routes.teams.list, { query: {} }),
    operator.call(routes.roles.list, { query: { search: 'night watch' } }),
    operator.call(routes.serviceAccounts.list, { query: {} }),
    operator.call(routes.projects.list, { query: {} }),
    operator.call(routes.directories.list, { query: {} }),
  ]);
  const idOf = ({ items }: { items: readonly { id: string }[] }): string => items[0]?.id ?? '';
  return {
    project: idOf(projects),
    person: idOf(people),
    team: idOf(teams),
    role: idOf(roles),
    serviceAccount: idOf(accounts),
    directory: idOf(directories),
    // No terminal was recorded here: the page says that there is none.
    recording: '01900000-0000-7000-8000-000000000000',
  };
};
