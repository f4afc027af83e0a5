'use client';
import { Nav, NavItem, NavList } from '@patternfly/react-core';
import {
  BellIcon,
  CogIcon,
  CubesIcon,
  FileAltIcon,
  HddIcon,
  LayerGroupIcon,
  ListIcon,
  NetworkIcon,
  ServerIcon,
  TachometerAltIcon,
} from '@patternfly/react-icons';
import type { Permission } from '@portreeve/domain';
import { usePathname } from 'next/navigation';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { useMe } from '../session/signed-in.tsx';

type Place = { text: string; to: string; icon: typeof CogIcon; permission: Permission; also?: string[] };

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
  {
    text: 'Activity',
    to: paths.activity(),
    icon: ListIcon,
    permission: 'activity.read',
    also: [paths.audit()],
  },
  { text: 'Alerts', to: paths.alerts(), icon: BellIcon, permission: 'alert.read' },
  {
    text: 'Settings',
    to: paths.settings(),
    icon: CogIcon,
    permission: 'settings.read',
    also: [paths.projects()],
  },
];

const isAt = (path: string, place: Place): boolean =>
  [place.to, ...(place.also ?? [])].some((to) =>
    to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`),
  );

/** What a person may not see is not there. */
export const Navigation = () => {
  const { permissions } = useMe();
  const path = usePathname();
  return (
    <Nav aria-label="Console">
      <NavList>
        {PLACES.filter((place) => permissions.includes(place.permission)).map((place) => (
          <NavItem
            key={place.to}
            isActive={isAt(path, place)}
            icon={<place.icon />}
            component={Link}
            to={place.to}
          >
            {place.text}
          </NavItem>
        ))}
      </NavList>
    </Nav>
  );
};
