import { formatDuration } from '@portreeve/domain';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import type { SeenSettings } from './settings-form.tsx';

type Server = SeenSettings['servers'][number];
type Loop = SeenSettings['loops'][number];

const SERVERS: readonly Column<Server>[] = [
  { key: 'url', title: 'Server', cell: (server) => <b>{server.url}</b> },
  {
    key: 'leader',
    title: 'Role',
    cell: (server) => (server.leader ? <Status tone="ok">leads</Status> : <Status tone="ok">serves</Status>),
  },
  { key: 'version', title: 'Version', cell: (server) => <span className="mono">{server.version}</span> },
  { key: 'started', title: 'Up for', cell: (server) => <When at={server.startedAt} />, fit: true },
  { key: 'id', title: 'Id', cell: (server) => <ShortId id={server.id} /> },
];
const LOOPS: readonly Column<Loop>[] = [
  { key: 'name', title: 'Loop', cell: (loop) => loop.name },
  {
    key: 'state',
    title: 'State',
    cell: (loop) => {
      if (loop.lastError)
        return (
          <Status tone="bad" wrap>
            {loop.lastError}
          </Status>
        );
      return loop.lastRunAt ? <Status tone="ok">well</Status> : <Status tone="held">has not run yet</Status>;
    },
  },
  {
    key: 'ran',
    title: 'Last run',
    cell: (loop) => (loop.lastRunAt ? <When at={loop.lastRunAt} as="ago" /> : <span className="dim">–</span>),
    fit: true,
  },
  {
    key: 'every',
    title: 'At least every',
    cell: (loop) => <span className="dim">{formatDuration(loop.everyMs)}</span>,
    fit: true,
  },
];

/** Who serves this console, and what works in the background of the server that answered. */
export const ServersTab = ({ settings }: { settings: SeenSettings }) => (
  <Panels>
    <Panel title="Servers" aside="one leads; another takes over when it is gone">
      <DataTable label="Servers" columns={SERVERS} rows={settings.servers} rowKey={(server) => server.id} />
    </Panel>
    <Panel title="Background loops" aside="of the server that answered">
      <DataTable label="Loops" columns={LOOPS} rows={settings.loops} rowKey={(loop) => loop.name} />
    </Panel>
  </Panels>
);
