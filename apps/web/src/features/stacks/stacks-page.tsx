'use client';
import { routes, type StackSummary } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Endpoints } from '../../ui/endpoints.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { ReadyBar } from '../../ui/ready-bar.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { SERVICE_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { noneYet, projectName, useProject } from '../projects/project.ts';
import { StackTabs } from './stack-tabs.tsx';

const COLUMNS: readonly Column<StackSummary>[] = [
  {
    key: 'name',
    title: 'Stack',
    sort: 'name',
    cell: (stack) => (
      <Link href={paths.stack(stack.id)}>
        <b>{stack.name}</b>
      </Link>
    ),
  },
  { key: 'project', wide: true, title: 'Project', sort: 'project', cell: (stack) => stack.projectPath },
  {
    key: 'state',
    title: 'State',
    sort: 'state',
    cell: (stack) => <Status tone={SERVICE_TONE[stack.state]}>{stack.state}</Status>,
  },
  { key: 'ready', title: 'Tasks ready', cell: (stack) => <ReadyBar count={stack.count} />, fit: true },
  { key: 'services', wide: true, title: 'Services', sort: 'services', cell: (stack) => stack.services },
  {
    key: 'version',
    wide: true,
    title: 'File',
    cell: (stack) => (
      <>
        <Link href={paths.stack(stack.id, 'file')}>{stack.stackVersion}</Link>
        {stack.differsFromFile && <div className="dim">differs</div>}
      </>
    ),
    fit: true,
  },
  {
    key: 'changed',
    title: 'Last change',
    sort: 'changedAt',
    fit: true,
    cell: (stack) => (
      <>
        <When at={stack.changedAt} as="ago" /> <span className="dim">by {stack.changedBy}</span>
      </>
    ),
  },
  { key: 'reach', title: 'Reach', cell: (stack) => <Endpoints of={stack.endpoints} /> },
  {
    key: 'do',
    title: '',
    cell: (stack) => (
      <Link href={paths.deploy({ stack: stack.id })} aria-label={`Deploy ${stack.name}`}>
        Deploy
      </Link>
    ),
    fit: true,
  },
];
const STATES = ['down', 'degraded', 'changing', 'healthy', 'stopped'].map((value) => ({
  value,
  text: value,
}));

export const StacksPage = () => {
  const project = useProject();
  const list = useListState();
  const stacks = useWatch(routes.stacks.list, {
    query: { ...list.query, project, state: list.read('state') },
  });
  const deploy = <ButtonLink to={paths.deploy({ project })} text="Deploy a stack" primary />;
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Stacks"
        actions={deploy}
      />
      <StackTabs active="stacks" />
      <ListBar list={list} placeholder="Filter by name" chips={{ name: 'state', options: STATES }} />
      <Gate of={stacks}>
        {(data) => (
          <DataTable
            label="Stacks"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(stack) => stack.id}
            rowTo={(stack) => paths.stack(stack.id)}
            note={(stack) => stack.why}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              list.query.search || list.read('state') ? (
                <Teach title="No stack matches">Clear the filter to see all of them.</Teach>
              ) : (
                <Teach title={noneYet('stack', project)} action={deploy}>
                  A stack is a Compose file that runs. Paste or upload one; you see what it would do before it
                  does it.
                </Teach>
              )
            }
          />
        )}
      </Gate>
    </>
  );
};
