'use client';
import { type RoleView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { Link } from '../../ui/link.tsx';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { Teach } from '../../ui/teach.tsx';
import { GrantList } from '../grants/grant-list.tsx';
import { useMay } from '../session/signed-in.tsx';
import { EditRole } from './edit-role.tsx';
import { NewRole, RemoveRole } from './role-forms.tsx';
import { RolePermissions } from './role-permissions.tsx';

type Props = { role: RoleView };

const Grants = ({ role }: Props) => (
  <Panel title="Who has it">
    <GrantList
      label="Grants of the role"
      of={{ role: role.id }}
      without={['role']}
      empty={<Teach title="Nobody has it">Grant it on the page of a team, a person or a project.</Teach>}
    />
  </Panel>
);
const READ = {
  permissions: { text: 'Permissions', Tab: RolePermissions },
  grants: { text: 'Who has it', Tab: Grants },
};
const TABS = { ...READ, edit: { text: 'Change', Tab: EditRole } };

const Head = ({ role }: Props) => (
  <PageHead
    crumbs={[{ text: 'Roles', to: paths.roles() }]}
    title={role.name}
    status={<span className="dim">{role.description}</span>}
    meta={
      <>
        <Fact>{role.builtIn ? 'built in, cannot be changed' : 'your own'}</Fact>
        {role.copiedFrom && (
          <Fact name="copied from">
            <Link href={paths.role(role.copiedFrom.id)}>{role.copiedFrom.name}</Link>
          </Fact>
        )}
        <Fact name="permissions">{role.permissions.length}</Fact>
        <Fact name="grants">{role.grants}</Fact>
      </>
    }
    actions={
      <>
        <NewRole key={role.version} copyOf={role} />
        {!role.builtIn && <RemoveRole role={role} />}
      </>
    }
  />
);

/** One role: what it may, and who has it. */
export const RolePage = ({ id, tab }: { id: string; tab: string }) => {
  const role = useWatch(routes.roles.get, { params: { id } });
  const mayEdit = useMay('role.edit');
  return (
    <ObjectGate of={role} kind="Role" home={{ text: 'Roles', to: paths.roles() }}>
      {(data) => {
        const tabs = data.builtIn || !mayEdit ? READ : TABS;
        const active: keyof typeof TABS = chosenTab(tabs, tab);
        const { Tab } = TABS[active];
        return (
          <>
            <Head role={data} />
            <LinkTabs
              label={data.name}
              active={active}
              tabs={tabPlaces(tabs, (key) => paths.role(id, key))}
            />
            <Tab key={data.version} role={data} />
          </>
        );
      }}
    </ObjectGate>
  );
};
