'use client';
import type { StoredFileView } from '@portreeve/contract';
import { formatBytes } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { type ListState, useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Panels } from '../../ui/panel.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { noneYet, projectName, useProject } from '../projects/project.ts';
import { ConfigContent } from './config-content.tsx';
import { NewFile, NewVersion, RemoveFile } from './file-forms.tsx';
import { FILE_KINDS, type FileKind } from './kinds.ts';
import { UsedBy } from './used-by.tsx';

const columnsOf = (kind: FileKind, list: ListState): Column<StoredFileView>[] => [
  {
    key: 'name',
    title: 'Name',
    sort: 'name',
    cell: (file) =>
      kind === 'config' ? (
        <Link href={list.hrefOf({ view: file.id, version: undefined, diff: undefined })}>
          <b>{file.name}</b>
        </Link>
      ) : (
        <b>{file.name}</b>
      ),
  },
  { key: 'project', title: 'Project', sort: 'project', cell: (file) => file.projectPath },
  { key: 'version', title: 'Version', cell: (file) => file.version },
  { key: 'size', title: 'Size', sort: 'size', cell: (file) => formatBytes(file.size), fit: true },
  { key: 'used', title: 'Used by', cell: (file) => <UsedBy of={file.usedBy} /> },
  {
    key: 'changed',
    title: 'Last change',
    sort: 'changedAt',
    cell: (file) => (
      <>
        <When at={file.changedAt} as="ago" /> <span className="dim">by {file.changedBy}</span>
      </>
    ),
  },
  {
    key: 'do',
    title: '',
    cell: (file) => (
      <RowActions>
        {kind === 'secret' && <NewVersion kind={kind} file={file} />}
        <RemoveFile kind={kind} file={file} />
      </RowActions>
    ),
    fit: true,
  },
];

/** Configs or secrets of a project: versions, who uses them, and new versions that roll their users. */
export const FilesPage = ({ kind }: { kind: FileKind }) => {
  const project = useProject();
  const list = useListState();
  const { routes, teach } = FILE_KINDS[kind];
  const files = useWatch(routes.list, { query: { ...list.query, project } });
  const viewed = kind === 'config' && files.data?.items.find((file) => file.id === list.read('view'));
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Configs and secrets"
        actions={<NewFile kind={kind} />}
      />
      <LinkTabs
        label="Kinds of files"
        active={kind}
        tabs={(['config', 'secret'] as const).map((key) => ({
          key,
          text: FILE_KINDS[key].title,
          to: FILE_KINDS[key].to(),
        }))}
      />
      <Panels>
        {viewed && <ConfigContent key={viewed.id} file={viewed} list={list} />}
        <div>
          <ListBar list={list} placeholder="Filter by name" />
          <Gate of={files}>
            {(data) => (
              <DataTable
                label={FILE_KINDS[kind].title}
                columns={columnsOf(kind, list)}
                rows={data.items}
                rowKey={(file) => file.id}
                rowTo={kind === 'config' ? (file) => list.hrefOf({ view: file.id }) : undefined}
                list={list}
                next={data.next}
                total={data.total}
                empty={
                  list.query.search ? (
                    <Teach title={`No ${kind} matches`}>Clear the filter to see all.</Teach>
                  ) : (
                    <Teach title={noneYet(kind, project)}>{teach}</Teach>
                  )
                }
              />
            )}
          </Gate>
        </div>
      </Panels>
    </>
  );
};
