import type { NodeView } from '@portreeve/contract';
import { formatBytes, type NodeFacts } from '@portreeve/domain';
import type { ReactNode } from 'react';
import { Facts } from '../../ui/facts.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { UsageBar } from '../../ui/usage-bar.tsx';
import { When } from '../../ui/when.tsx';
import { linkFacts } from './link-facts.tsx';

const mono = (text: string): ReactNode => <span className="mono">{text}</span>;

const Engine = ({ engine }: { engine: NodeFacts['engine'] }) => (
  <Panel title="Engine">
    <Facts
      of={{
        State: engine.reachable ? (
          <Status tone="ok">answers</Status>
        ) : (
          <Status tone="bad" wrap>
            does not answer{engine.error ? `: ${engine.error}` : ''}
          </Status>
        ),
        Engine: `${engine.name} ${engine.version}, API ${engine.apiVersion}`,
        'Images in': `${engine.imageStore}${engine.storageDriver ? `, ${engine.storageDriver}` : ''}`,
        'Live restore': engine.liveRestore
          ? 'on'
          : 'off: containers stop when the engine is restarted or upgraded',
        Rootless: engine.rootless ? 'yes' : 'no',
        'Control groups': engine.cgroupVersion ? `version ${engine.cgroupVersion}` : 'not known',
      }}
    />
  </Panel>
);

const Host = ({ facts, local }: { facts: NodeFacts; local: boolean }) => (
  <Panel title="Host" aside={local ? 'the host of this console' : undefined}>
    <Facts
      of={{
        Name: facts.hostname,
        System: `${facts.os} ${facts.osVersion}, ${facts.architecture}`,
        Kernel: mono(facts.kernel),
        'Can give': `${facts.capacity.cpus} cores, ${formatBytes(facts.capacity.memoryBytes)}, ${facts.capacity.pids} processes`,
        'Networks across hosts': facts.crossHostNetworks.able ? (
          <Status tone="ok">able</Status>
        ) : (
          <Status tone="warn" wrap>
            {facts.crossHostNetworks.reason ?? 'not able'}
          </Status>
        ),
        Addresses: mono(
          facts.addresses.map((each) => `${each.address}/${each.prefix} (${each.interface})`).join(', '),
        ),
        Routes: facts.routes.length > 0 ? mono(facts.routes.join(', ')) : 'none',
        Agent: mono(facts.agentVersion),
        Boot: <ShortId id={facts.bootId} />,
      }}
    />
  </Panel>
);

const diskFacts = (disks: NonNullable<NodeView['pressure']>['disks']): Record<string, ReactNode> =>
  Object.fromEntries(
    disks.map(({ path, usedBytes, totalBytes }) => [
      path,
      <UsageBar
        key={path}
        name={`Disk ${path}`}
        used={usedBytes}
        reserved={0}
        allocatable={totalBytes}
        label={`${formatBytes(usedBytes)} of ${formatBytes(totalBytes)}`}
      />,
    ]),
  );

const Pressure = ({ pressure }: { pressure: NonNullable<NodeView['pressure']> }) => (
  <Panel title="Pressure" aside={<When at={pressure.at} as="ago" />}>
    <Facts
      of={{
        Load: pressure.load1.toFixed(2),
        'CPU in use': `${pressure.cpuUsed.toFixed(2)} cores`,
        'Memory in use': `${formatBytes(pressure.memoryUsedBytes)} of ${formatBytes(pressure.memoryTotalBytes)}`,
        ...diskFacts(pressure.disks),
      }}
    />
  </Panel>
);

/** Agent, engine and host, apart from each other: one can be well while another is not. */
export const HostTab = ({ node }: { node: NodeView }) => (
  <Panels of="half">
    <Panel title="Agent" aside={node.agentConnected ? 'connected' : 'not connected'}>
      <Facts of={linkFacts(node)} />
    </Panel>
    {node.facts ? (
      <Engine engine={node.facts.engine} />
    ) : (
      <Panel title="Engine">
        <span className="dim">The agent has not told anything of this host yet.</span>
      </Panel>
    )}
    {node.facts && <Host facts={node.facts} local={node.local} />}
    {node.pressure && <Pressure pressure={node.pressure} />}
  </Panels>
);
