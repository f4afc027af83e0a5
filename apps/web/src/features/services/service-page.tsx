'use client';
import { routes, type ServiceView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { WhoCan } from '../access/who-can.tsx';
import { ActivityCut } from '../events/activity-cut.tsx';
import { LogsTab } from '../logs/logs-tab.tsx';
import { useMay } from '../session/signed-in.tsx';
import { TerminalTab } from '../terminal/terminal-tab.tsx';
import { ConfigurationTab } from './configuration-tab.tsx';
import { MetricsTab } from './metrics-tab.tsx';
import { PlacementTab } from './placement-tab.tsx';
import { RevisionsTab } from './revisions-tab.tsx';
import { RolloutsTab } from './rollouts-tab.tsx';
import { ServiceHead } from './service-head.tsx';
import { TasksTab } from './tasks-tab.tsx';

const OPEN = {
  tasks: { text: 'Tasks', Tab: TasksTab },
  rollouts: { text: 'Rollouts', Tab: RolloutsTab },
  revisions: { text: 'Revisions', Tab: RevisionsTab },
  logs: { text: 'Logs', Tab: LogsTab },
  terminal: { text: 'Terminal', Tab: TerminalTab },
  metrics: { text: 'Metrics', Tab: MetricsTab },
  placement: { text: 'Placement', Tab: PlacementTab },
  configuration: { text: 'Configuration', Tab: ConfigurationTab },
  activity: {
    text: 'Activity',
    Tab: ({ service }: { service: ServiceView }) => <ActivityCut of={{ serviceId: service.id }} />,
  },
};
const TABS = {
  ...OPEN,
  access: {
    text: 'Access',
    Tab: ({ service }: { service: ServiceView }) => <WhoCan kind="service" id={service.id} />,
  },
};
export const ServicePage = ({ id, tab }: { id: string; tab: string }) => {
  const service = useWatch(routes.services.get, { params: { id } });
  const tabs = useMay('grant.read') ? TABS : OPEN;
  const active: keyof typeof TABS = chosenTab(tabs, tab);
  const { Tab } = TABS[active];
  return (
    <ObjectGate of={service} kind="Service" home={{ text: 'Services', to: paths.services() }}>
      {(data) => (
        <>
          <ServiceHead service={data} />
          <LinkTabs
            label={data.name}
            active={active}
            tabs={tabPlaces(tabs, (key) => paths.service(id, key))}
          />
          <Tab service={data} />
        </>
      )}
    </ObjectGate>
  );
};
