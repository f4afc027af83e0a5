'use client';
import type { StackView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Link } from '../../ui/link.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';

const NETWORKS: readonly Column<StackView['networks'][number]>[] = [
  { key: 'name', title: 'Network', cell: (network) => network.name },
  { key: 'subnet', title: 'Addresses', cell: (network) => <span className="mono">{network.subnet}</span> },
];
const VOLUMES: readonly Column<StackView['volumes'][number]>[] = [
  { key: 'name', title: 'Volume', cell: (volume) => volume.name },
  {
    key: 'node',
    title: 'On node',
    cell: (volume) => volume.node ?? <span className="dim">not made yet</span>,
  },
];

export const StackThings = ({ stack }: { stack: StackView }) => (
  <Panels of="half">
    <Panel title="Networks" aside={<Link href={paths.networks()}>All networks</Link>}>
      <DataTable
        label="Networks of the stack"
        columns={NETWORKS}
        rows={stack.networks}
        rowKey={(network) => network.id}
        empty={<span className="dim">None: its services use none.</span>}
      />
    </Panel>
    <Panel title="Volumes" aside={<Link href={paths.volumes()}>All volumes</Link>}>
      <DataTable
        label="Volumes of the stack"
        columns={VOLUMES}
        rows={stack.volumes}
        rowKey={(volume) => volume.id}
        empty={<span className="dim">None: its services keep nothing.</span>}
      />
    </Panel>
  </Panels>
);
