'use client';
import { type ProjectView, routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
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
  { key: 'path', title: 'Project', cell: (project) => <Name project={project} /> },
  { key: 'stacks', title: 'Stacks', cell: (project) => project.stacks },
  { key: 'nodes', title: 'Nodes', cell: (project) => project.nodes },
  {
    key: 'ports',
    title: 'Host ports',
    cell: (project) => `${project.portFrom}–${project.portTo}`,
    fit: true,
  },
  { key: 'created', title: 'Made', cell: (project) => <When at={project.createdAt} as="clock" /> },
  {
    key: 'do',
    title: '',
    cell: (project) => (
      <span style={{ display: 'inline-flex', gap: 8 }}>
        <EditProject project={project} />
        {project.path !== '/' && <RemoveProject project={project} />}
      </span>
    ),
    fit: true,
  },
];

/** The tree of projects: where stacks, nodes and grants meet. */
export const ProjectsPage = () => {
  const projects = useWatch(routes.projects.list, {});
  return (
    <>
      <PageHead
        title="Projects"
        status={<span className="dim">what is allowed in a project is allowed below it</span>}
        actions={<NewProject />}
      />
      <Panel>
        <Gate of={projects}>
          {(data) => (
            <DataTable
              label="Projects"
              columns={COLUMNS}
              rows={[...data.items].sort((a, b) => a.path.localeCompare(b.path))}
              rowKey={(project) => project.id}
              rowTo={(project) => paths.stacks({ project: project.path })}
            />
          )}
        </Gate>
      </Panel>
    </>
  );
};
