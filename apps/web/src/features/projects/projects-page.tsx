'use client';
import { type ProjectView, routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { useChooseProject } from './project.ts';
import { EditProject, NewProject, RemoveProject } from './project-forms.tsx';

const depthOf = (path: string) => (path === '/' ? 0 : path.split('/').length - 1);

const Name = ({ project }: { project: ProjectView }) => {
  const choose = useChooseProject();
  const router = useRouter();
  const go = () => {
    choose(project.path);
    router.push(paths.stacks({ project: project.path }));
  };
  return (
    <span style={{ paddingInlineStart: depthOf(project.path) * 18 }}>
      <button type="button" className="quiet" onClick={go}>
        <b>{project.path}</b>
      </button>{' '}
      <span className="dim">{project.displayName}</span>
    </span>
  );
};

const COLUMNS: readonly Column<ProjectView>[] = [
  { key: 'path', title: 'Project', sort: 'path', cell: (project) => <Name project={project} /> },
  { key: 'stacks', title: 'Stacks', sort: 'stacks', cell: (project) => project.stacks },
  { key: 'nodes', title: 'Nodes', sort: 'nodes', cell: (project) => project.nodes },
  {
    key: 'ports',
    title: 'Host ports',
    cell: (project) => `${project.portFrom}–${project.portTo}`,
    fit: true,
  },
  {
    key: 'created',
    title: 'Made',
    sort: 'createdAt',
    cell: (project) => <When at={project.createdAt} as="ago" />,
    fit: true,
  },
  {
    key: 'do',
    title: '',
    cell: (project) => (
      <RowActions>
        <Link href={paths.project(project.id)}>Protection and grants</Link>
        <EditProject project={project} />
        {project.path !== '/' && <RemoveProject project={project} />}
      </RowActions>
    ),
    fit: true,
  },
];

/** The tree of projects: where stacks, nodes and grants meet. */
export const ProjectsPage = () => {
  const list = useListState();
  const projects = useWatch(routes.projects.list, { query: list.query });
  return (
    <>
      <PageHead
        title="Projects"
        status={<span className="dim">what is allowed in a project is allowed below it</span>}
        actions={<NewProject />}
      />
      <ListBar list={list} placeholder="Filter by path or name" />
      <Gate of={projects}>
        {(data) => (
          <DataTable
            label="Projects"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(project) => project.id}
            rowTo={(project) => paths.stacks({ project: project.path })}
            list={list}
            next={data.next}
            total={data.total}
            empty={<Teach title="No project matches">Clear the filter to see all of them.</Teach>}
          />
        )}
      </Gate>
    </>
  );
};
