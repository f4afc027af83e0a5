'use client';
import { type NodeView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { WhoCan } from '../access/who-can.tsx';
import { ActivityCut } from '../events/activity-cut.tsx';
import { projectName } from '../projects/project.ts';
import { useMay } from '../session/signed-in.tsx';
import { TaskTable } from '../tasks/task-table.tsx';
import { ContainersTab } from './containers-tab.tsx';
import { DrainPanel } from './drain-panel.tsx';
import { HostTab } from './host-tab.tsx';
import { NodeActions } from './node-actions.tsx';
import { nodeStatus } from './node-words.ts';
import { OfflinePanel } from './offline-panel.tsx';
import { CpuBar, DiskBar, MemoryBar } from './usage.tsx';

const TasksTab = ({ node }: { node: NodeView }) => (
  <Panel title="Tasks" aside={`${node.taskList.length}`}>
    <TaskTable
      rows={node.taskList}
      label="Tasks of the node"
      manyServices
      empty={<span className="dim">Nothing runs here.</span>}
    />
  </Panel>
);
const OPEN = {
  tasks: { text: 'Tasks', Tab: TasksTab },
  host: { text: 'Agent, engine, host', Tab: HostTab },
  containers: { text: 'Containers', Tab: ContainersTab },
  activity: {
    text: 'Activity',
    Tab: ({ node }: { node: NodeView }) => <ActivityCut of={{ nodeId: node.id }} />,
  },
};
const TABS = {
  ...OPEN,
  access: {
    text: 'Access',
    Tab: ({ node }: { node: NodeView }) => <WhoCan kind="node" id={node.id} />,
  },
};
const Findings = ({ findings }: { findings: readonly { code: string; message: string }[] }) => (
  <Panel title="Findings" aside={`${findings.length}`}>
    {findings.map((finding) => (
      <p key={finding.code} style={{ padding: '2px 0' }}>
        <Status tone="warn" wrap>
          {finding.message}
        </Status>
      </p>
    ))}
  </Panel>
);

const Head = ({ node }: { node: NodeView }) => {
  const [tone, word] = nodeStatus(node);
  const labels = Object.entries(node.labels);
  return (
    <PageHead
      crumbs={[
        { text: 'Nodes', to: paths.nodes() },
        { text: projectName(node.projectPath), to: paths.nodes({ project: node.projectPath }) },
      ]}
      title={node.name}
      status={
        <Status tone={tone} wrap>
          {node.why || word}
        </Status>
      }
      meta={
        <>
          <Fact name="CPU">
            <CpuBar cpus={node.cpus} unit=" cores reserved" />
          </Fact>
          <Fact name="Memory">
            <MemoryBar memory={node.memory} unit=" GiB reserved" />
          </Fact>
          <Fact name="Disk">
            <DiskBar disk={node.disk} unit=" GiB used" />
          </Fact>
          {node.load !== null && <Fact name="load">{node.load.toFixed(1)}</Fact>}
          <Fact name="address">
            <span className="mono">{node.address}</span>
          </Fact>
          {labels.length > 0 && (
            <Fact name="labels">
              <span className="mono">{labels.map(([key, value]) => `${key}=${value}`).join(' ')}</span>
            </Fact>
          )}
        </>
      }
      actions={<NodeActions node={node} />}
    />
  );
};

/** One host in depth: what runs there, why it is as it is, and what can be done. */
export const NodePage = ({ id, tab }: { id: string; tab: string }) => {
  const node = useWatch(routes.nodes.get, { params: { id } });
  const tabs = useMay('grant.read') ? TABS : OPEN;
  const active: keyof typeof TABS = chosenTab(tabs, tab);
  const { Tab } = TABS[active];
  return (
    <ObjectGate of={node} kind="Node" home={{ text: 'Nodes', to: paths.nodes() }}>
      {(data) => (
        <>
          <Head node={data} />
          <LinkTabs label={data.name} active={active} tabs={tabPlaces(tabs, (key) => paths.node(id, key))} />
          <Panels>
            {!data.agentConnected && active !== 'host' && <OfflinePanel node={data} />}
            {data.drain && <DrainPanel drain={data.drain} />}
            {data.facts && data.facts.findings.length > 0 && <Findings findings={data.facts.findings} />}
            <Tab node={data} />
          </Panels>
        </>
      )}
    </ObjectGate>
  );
};
