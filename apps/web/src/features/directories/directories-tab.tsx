'use client';
import { type DirectoryView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { useMay } from '../session/signed-in.tsx';
import { RunStatus } from './run-words.tsx';

const State = ({ directory }: { directory: DirectoryView }) => {
  if (!directory.enabled) return <Status tone="off">off</Status>;
  if (directory.held) return <RunStatus run={directory.held} />;
  if (directory.lastRun) return <RunStatus run={directory.lastRun} />;
  return <Status tone="held">not synced yet</Status>;
};

const COLUMNS: readonly Column<DirectoryView>[] = [
  {
    key: 'name',
    title: 'Directory',
    sort: 'name',
    cell: ({ id, name }) => <Link href={paths.directory(id)}>{name}</Link>,
  },
  { key: 'urls', title: 'At', cell: ({ configuration }) => configuration.urls.join(', ') },
  {
    key: 'trust',
    title: 'Certificate',
    cell: ({ configuration }) => {
      if (configuration.security === 'plain') return <span className="dim">none, on this machine</span>;
      return configuration.verifyCertificate ? (
        <Status tone="ok">checked</Status>
      ) : (
        <Status tone="bad">not checked</Status>
      );
    },
  },
  { key: 'people', title: 'People', cell: ({ people }) => people },
  { key: 'state', title: 'Last sync', cell: (directory) => <State directory={directory} /> },
  {
    key: 'full',
    title: 'Read whole',
    cell: ({ lastFullAt }) =>
      lastFullAt ? <When at={lastFullAt} as="ago" /> : <span className="dim">never</span>,
    fit: true,
  },
];

/** The directories that people sign in with and that fill teams. */
export const DirectoriesTab = () => {
  const list = useListState();
  const directories = useWatch(routes.directories.list, { query: list.query });
  const mayEdit = useMay('directory.edit');
  const setUp = mayEdit && <ButtonLink to={paths.newDirectory()} text="Set up a directory" primary />;
  return (
    <>
      <ListBar list={list} placeholder="Filter by name">
        {setUp}
      </ListBar>
      <Gate of={directories}>
        {(data) => (
          <DataTable
            label="Directories"
            columns={COLUMNS}
            rows={data.items}
            rowKey={({ id }) => id}
            rowTo={({ id }) => paths.directory(id)}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              list.query.search ? (
                <Teach title="No directory matches">Clear the filter to see all.</Teach>
              ) : (
                <Teach title="No directory yet">
                  Set up your company's LDAP or Active Directory: its people sign in with the password they
                  have, its groups fill teams, and who leaves it loses access within a minute.
                </Teach>
              )
            }
          />
        )}
      </Gate>
    </>
  );
};
