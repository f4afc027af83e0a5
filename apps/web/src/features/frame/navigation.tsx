'use client';
import { Nav, NavGroup, NavItem, NavList } from '@patternfly/react-core';
import {
  BellIcon,
  ClipboardListIcon,
  CogIcon,
  CubesIcon,
  FileAltIcon,
  HddIcon,
  IdBadgeIcon,
  KeyIcon,
  LayerGroupIcon,
  ListIcon,
  NetworkIcon,
  RobotIcon,
  ServerIcon,
  TachometerAltIcon,
  UserIcon,
  UsersIcon,
} from '@patternfly/react-icons';
import type { Permission } from '@portreeve/domain';
import { usePathname } from 'next/navigation';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { useMe } from '../session/signed-in.tsx';

type Place = {
  text: string;
  to: string;
  icon: typeof CogIcon;
  permission: Permission;
  also?: string[];
  /** It stands below the heading for who may do what and who did. */
  access?: boolean;
};

/** The places of the console, in the order of an operator's day. */
export const PLACES: readonly Place[] = [
  { text: 'Overview', to: paths.overview(), icon: TachometerAltIcon, permission: 'stack.read' },
  {
    text: 'Stacks',
    to: paths.stacks(),
    icon: LayerGroupIcon,
    permission: 'stack.read',
    also: [paths.services(), '/rollouts', '/tasks', paths.deploy()],
  },
  { text: 'Nodes', to: paths.nodes(), icon: ServerIcon, permission: 'node.read' },
  {
    text: 'Configs and secrets',
    to: paths.configs(),
    icon: FileAltIcon,
    permission: 'config.read',
    also: [paths.secrets()],
  },
  { text: 'Networks', to: paths.networks(), icon: NetworkIcon, permission: 'network.read' },
  { text: 'Volumes', to: paths.volumes(), icon: HddIcon, permission: 'volume.read' },
  { text: 'Registries', to: paths.registries(), icon: CubesIcon, permission: 'registry.read' },
  { text: 'Activity', to: paths.activity(), icon: ListIcon, permission: 'activity.read' },
  { text: 'Alerts', to: paths.alerts(), icon: BellIcon, permission: 'alert.read' },
  {
    text: 'Settings',
    to: paths.settings(),
    icon: CogIcon,
    permission: 'settings.read',
    also: [paths.projects()],
  },
  { text: 'People', to: paths.people(), icon: UserIcon, permission: 'user.read', access: true },
  { text: 'Teams', to: paths.teams(), icon: UsersIcon, permission: 'team.read', access: true },
  { text: 'Roles', to: paths.roles(), icon: IdBadgeIcon, permission: 'role.read', access: true },
  { text: 'Grants', to: paths.grants(), icon: KeyIcon, permission: 'grant.read', access: true },
  {
    text: 'Service accounts',
    to: paths.serviceAccounts(),
    icon: RobotIcon,
    permission: 'service-account.edit',
    access: true,
  },
  { text: 'Audit', to: paths.audit(), icon: ClipboardListIcon, permission: 'audit.read', access: true },
];

const isAt = (path: string, place: Place): boolean =>
  [place.to, ...(place.also ?? [])].some((to) =>
    to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`),
  );

const items = (of: readonly Place[], path: string) =>
  of.map((place) => (
    <NavItem key={place.to} isActive={isAt(path, place)} icon={<place.icon />} component={Link} to={place.to}>
      {place.text}
    </NavItem>
  ));

/** What a person may not see is not there. */
export const Navigation = () => {
  const { permissions } = useMe();
  const path = usePathname();
  const seen = PLACES.filter((place) => permissions.includes(place.permission));
  const access = seen.filter((place) => place.access);
  return (
    <Nav aria-label="Console">
      <NavList>
        {items(
          seen.filter((place) => !place.access),
          path,
        )}
      </NavList>
      {access.length > 0 && <NavGroup title="Access">{items(access, path)}</NavGroup>}
    </Nav>
  );
};
