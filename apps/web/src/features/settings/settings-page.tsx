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
import { ServersTab } from './servers-tab.tsx';
import { SettingsForm } from './settings-form.tsx';

const TABS = { cluster: { text: 'Cluster' }, servers: { text: 'Servers and loops' } };

export const SettingsPage = ({ tab }: { tab: string }) => {
  const settings = useWatch(routes.settings.get, {}, { everyMs: tab === 'servers' ? 5_000 : undefined });
  return (
    <>
      <PageHead title="Settings" actions={<Link href={paths.projects()}>Projects</Link>} />
      <LinkTabs label="Settings" active={chosenTab(TABS, tab)} tabs={tabPlaces(TABS, paths.settings)} />
      <Gate of={settings} lines={10}>
        {(data) =>
          tab === 'servers' ? (
            <ServersTab settings={data} />
          ) : (
            <Panel>
              <SettingsForm key={data.version} settings={data} />
            </Panel>
          )
        }
      </Gate>
    </>
  );
};
