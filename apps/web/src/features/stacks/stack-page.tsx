'use client';
import { routes, type StackView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { Endpoints } from '../../ui/endpoints.tsx';
import { Gate } from '../../ui/gate.tsx';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ReadyBar } from '../../ui/ready-bar.tsx';
import { Status } from '../../ui/status.tsx';
import { SERVICE_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { ActivityCut } from '../events/activity-cut.tsx';
import { projectName } from '../projects/project.ts';
import { ServiceTable } from '../services/service-table.tsx';
import { FileDifferences } from './file-differences.tsx';
import { RemoveStack } from './remove-stack.tsx';
import { StackFile } from './stack-file.tsx';
import { StackThings } from './stack-things.tsx';

const TABS = [
  { key: 'services', text: 'Services' },
  { key: 'file', text: 'Compose file' },
  { key: 'things', text: 'Networks and volumes' },
  { key: 'activity', text: 'Activity' },
];

const Tab = ({ stack, tab }: { stack: StackView; tab: string }) => {
  if (tab === 'file') return <StackFile stack={stack} />;
  if (tab === 'things') return <StackThings stack={stack} />;
  if (tab === 'activity') return <ActivityCut of={{ stackId: stack.id }} />;
  return (
    <Panels>
      <FileDifferences stack={stack} />
      <Panel title="Services" aside={`${stack.serviceList.length}`}>
        <ServiceTable rows={stack.serviceList} inStack />
      </Panel>
    </Panels>
  );
};

const Head = ({ stack }: { stack: StackView }) => (
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
          <a href={paths.stack(stack.id, 'file')}>{stack.stackVersion}</a>
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
  return (
    <Gate of={stack} lines={8}>
      {(data) => (
        <>
          <Head stack={data} />
          <LinkTabs
            label={data.name}
            active={tab}
            tabs={TABS.map((each) => ({
              ...each,
              to: paths.stack(id, each.key === 'services' ? undefined : each.key),
            }))}
          />
          <Tab stack={data} tab={tab} />
        </>
      )}
    </Gate>
  );
};
