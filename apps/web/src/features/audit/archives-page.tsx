'use client';
import { type CallOutput, routes } from '@portreeve/contract';
import { formatBytes } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { useMay } from '../session/signed-in.tsx';
import { AuditTabs } from './audit-tabs.tsx';

type Archive = CallOutput<typeof routes.audit.archives>['items'][number];

const COLUMNS: readonly Column<Archive>[] = [
  { key: 'month', title: 'Month', cell: ({ month }) => <b>{month}</b>, fit: true },
  { key: 'file', title: 'File', cell: ({ file }) => <span className="mono">{file}</span> },
  { key: 'server', title: 'On server', cell: ({ server }) => server },
  { key: 'entries', title: 'Entries', cell: ({ entries }) => entries.toLocaleString('en') },
  { key: 'bytes', title: 'Size', cell: ({ bytes }) => formatBytes(bytes), fit: true },
  {
    key: 'chain',
    title: 'Seals',
    cell: ({ first, last }) => `${first} to ${last.sequence}`,
  },
  { key: 'sha', title: 'SHA-256', cell: ({ sha256 }) => <ShortId id={`sha256:${sha256}`} />, fit: true },
  {
    key: 'at',
    title: 'Written',
    cell: ({ archivedAt }) => <When at={archivedAt} as="ago" />,
    fit: true,
  },
];

/** How long the audit stays here. */
const Keeping = () => {
  const settings = useWatch(routes.settings.get, {}, { enabled: useMay('settings.read') });
  const months = settings.data?.auditKeepMonths;
  return (
    <span className="dim">
      {months === undefined && 'months that were written out and are no longer here'}
      {months === 0 && 'everything is kept here; '}
      {months !== undefined && months > 0 && `${months} months stay here after they ended; `}
      {months !== undefined && (
        <Link className="apart" href={paths.settings()}>
          change it in the settings
        </Link>
      )}
    </span>
  );
};

/** Months of the audit that were written out; the chain goes on from their last seal. */
export const ArchivesPage = () => {
  const list = useListState();
  const { limit, cursor } = list.query;
  const archives = useWatch(routes.audit.archives, { query: { limit, cursor } });
  return (
    <>
      <PageHead crumbs={[{ text: 'Audit', to: paths.audit() }]} title="Archives" status={<Keeping />} />
      <AuditTabs active="archives" />
      <Gate of={archives}>
        {(data) => (
          <DataTable
            label="Archives"
            columns={COLUMNS}
            rows={data.items}
            rowKey={({ id }) => id}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              <Teach title="No archive yet">
                Where the settings say how many months stay here, older ones are written to files on the
                server, with the chain's checkpoint, and are checked by “portreeve audit verify” together with
                the rest.
              </Teach>
            }
          />
        )}
      </Gate>
    </>
  );
};
