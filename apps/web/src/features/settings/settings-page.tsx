'use client';
import { routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { DirectoriesTab } from '../directories/directories-tab.tsx';
import { ServersTab } from './servers-tab.tsx';
import { SettingsForm } from './settings-form.tsx';

const TABS = {
  cluster: { text: 'Cluster' },
  directories: { text: 'Directories' },
  servers: { text: 'Servers and loops' },
};

const OfCluster = ({ servers }: { servers: boolean }) => {
  const settings = useWatch(routes.settings.get, {}, { everyMs: servers ? 5_000 : undefined });
  return (
    <Gate of={settings} lines={10}>
      {(data) =>
        servers ? (
          <ServersTab settings={data} />
        ) : (
          <Panel>
            <SettingsForm key={data.version} settings={data} />
          </Panel>
        )
      }
    </Gate>
  );
};

export const SettingsPage = ({ tab }: { tab: string }) => {
  const active = chosenTab(TABS, tab);
  return (
    <>
      <PageHead title="Settings" actions={<Link href={paths.projects()}>Projects</Link>} />
      <LinkTabs label="Settings" active={active} tabs={tabPlaces(TABS, paths.settings)} />
      {active === 'directories' ? <DirectoriesTab /> : <OfCluster servers={active === 'servers'} />}
    </>
  );
};
