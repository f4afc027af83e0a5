'use client';
import { type ProjectView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { Link } from '../../ui/link.tsx';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { Teach } from '../../ui/teach.tsx';
import { WhoCan } from '../access/who-can.tsx';
import { GrantList } from '../grants/grant-list.tsx';
import { NewGrant } from '../grants/new-grant.tsx';
import { useMay } from '../session/signed-in.tsx';
import { projectName } from './project.ts';
import { EditProject, RemoveProject } from './project-forms.tsx';
import { Protection } from './protection.tsx';

type Props = { project: ProjectView };

const Grants = ({ project }: Props) => (
  <Panel title="Grants">
    <GrantList
      label="Grants of the project"
      of={{ project: project.path }}
      reach={project.path !== '/'}
      empty={
        <Teach title="No grant yet">
          What was granted in a project above holds here too: choose “with what is inherited”.
        </Teach>
      }
    />
  </Panel>
);
const OPEN = { protection: { text: 'Protection', Tab: Protection } };
const TABS = {
  ...OPEN,
  grants: { text: 'Grants', Tab: Grants },
  access: {
    text: 'Who can do this',
    Tab: ({ project }: Props) => <WhoCan kind="project" id={project.id} />,
  },
};

const Head = ({ project }: Props) => (
  <PageHead
    crumbs={[{ text: 'Projects', to: paths.projects() }]}
    title={projectName(project.path)}
    status={project.path !== '/' && <span className="dim">{project.displayName}</span>}
    meta={
      <>
        <Fact name="stacks">
          <Link href={paths.stacks({ project: project.path })}>{project.stacks}</Link>
        </Fact>
        <Fact name="nodes">
          <Link href={paths.nodes({ project: project.path })}>{project.nodes}</Link>
        </Fact>
        <Fact name="host ports">
          {project.portFrom}–{project.portTo}
        </Fact>
      </>
    }
    actions={
      <>
        <EditProject key={project.version} project={project} />
        {project.path !== '/' && <RemoveProject project={project} />}
        <NewGrant in={project.path} />
      </>
    }
  />
);

/** One project: what it allows, and who may do what in it. */
export const ProjectPage = ({ id, tab }: { id: string; tab: string }) => {
  const project = useWatch(routes.projects.get, { params: { id } });
  const tabs = useMay('grant.read') ? TABS : OPEN;
  const active: keyof typeof TABS = chosenTab(tabs, tab);
  const { Tab } = TABS[active];
  return (
    <ObjectGate of={project} kind="Project" home={{ text: 'Projects', to: paths.projects() }}>
      {(data) => (
        <>
          <Head project={data} />
          <LinkTabs
            label={data.path}
            active={active}
            tabs={tabPlaces(tabs, (key) => paths.project(id, key))}
          />
          <Tab key={data.version} project={data} />
        </>
      )}
    </ObjectGate>
  );
};
