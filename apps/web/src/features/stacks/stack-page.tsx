'use client';
import { routes, type StackView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { Endpoints } from '../../ui/endpoints.tsx';
import { Link } from '../../ui/link.tsx';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ReadyBar } from '../../ui/ready-bar.tsx';
import { Status } from '../../ui/status.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { SERVICE_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { WhoCan } from '../access/who-can.tsx';
import { ActivityCut } from '../events/activity-cut.tsx';
import { projectName } from '../projects/project.ts';
import { ServiceTable } from '../services/service-table.tsx';
import { useMay } from '../session/signed-in.tsx';
import { FileDifferences } from './file-differences.tsx';
import { RemoveStack } from './remove-stack.tsx';
import { StackFile } from './stack-file.tsx';
import { StackThings } from './stack-things.tsx';

type Props = { stack: StackView };

const Services = ({ stack }: Props) => (
  <Panels>
    <FileDifferences stack={stack} />
    <Panel title="Services" aside={`${stack.serviceList.length}`}>
      <ServiceTable rows={stack.serviceList} inStack />
    </Panel>
  </Panels>
);
const OPEN = {
  services: { text: 'Services', Tab: Services },
  file: { text: 'Compose file', Tab: StackFile },
  things: { text: 'Networks and volumes', Tab: StackThings },
  activity: { text: 'Activity', Tab: ({ stack }: Props) => <ActivityCut of={{ stackId: stack.id }} /> },
};
const TABS = {
  ...OPEN,
  access: { text: 'Access', Tab: ({ stack }: Props) => <WhoCan kind="stack" id={stack.id} /> },
};

const Head = ({ stack }: Props) => (
  <PageHead
    crumbs={[{ text: projectName(stack.projectPath), to: paths.stacks({ project: stack.projectPath }) }]}
    title={stack.name}
    status={
      <Status tone={SERVICE_TONE[stack.state]} wrap>
        {stack.why || stack.state}
      </Status>
    }
    meta={
      <>
        <ReadyBar count={stack.count} />
        <Fact name="file">
          <Link href={paths.stack(stack.id, 'file')}>{stack.stackVersion}</Link>
        </Fact>
        <Fact name="by">
          {stack.changedBy} <When at={stack.changedAt} as="ago" />
        </Fact>
        {stack.endpoints.length > 0 && (
          <Fact name="reach">
            <Endpoints of={stack.endpoints} />
          </Fact>
        )}
      </>
    }
    actions={
      <>
        <RemoveStack stack={stack} />
        <ButtonLink to={paths.deploy({ stack: stack.id })} text="Deploy" primary />
      </>
    }
  />
);

export const StackPage = ({ id, tab }: { id: string; tab: string }) => {
  const stack = useWatch(routes.stacks.get, { params: { id } });
  const tabs = useMay('grant.read') ? TABS : OPEN;
  const active: keyof typeof TABS = chosenTab(tabs, tab);
  const { Tab } = TABS[active];
  return (
    <ObjectGate of={stack} kind="Stack" home={{ text: 'Stacks', to: paths.stacks() }}>
      {(data) => (
        <>
          <Head stack={data} />
          <LinkTabs label={data.name} active={active} tabs={tabPlaces(tabs, (key) => paths.stack(id, key))} />
          <Tab stack={data} />
        </>
      )}
    </ObjectGate>
  );
};
