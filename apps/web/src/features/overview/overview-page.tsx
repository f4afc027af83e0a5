'use client';
import { type Overview, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { projectName, useProject } from '../projects/project.ts';
import { useMay } from '../session/signed-in.tsx';
import { CapacityPanel } from './capacity.tsx';
import { Changes } from './changes.tsx';
import { DuePanel } from './due.tsx';
import { Needs } from './needs.tsx';
import { ServicesPanel } from './services-panel.tsx';

const titleOf = (needs: number) => {
  if (needs === 0) return 'Nothing needs you';
  return needs === 1 ? '1 thing needs you' : `${needs} things need you`;
};

const FirstSteps = ({ nodes, services }: { nodes: number; services: number }) => {
  const [mayJoin, mayDeploy] = [useMay('node.join'), useMay('service.deploy')];
  // Who sees no host may still have some to run on: a host belongs to a project, perhaps to one above.
  if (nodes === 0 && mayJoin)
    return (
      <Panel>
        <Teach title="Add a host" action={<Link href={paths.addNode()}>Show the command to paste</Link>}>
          Containers run on hosts with an agent. One command on a host, and it shows here.
        </Teach>
      </Panel>
    );
  if (services > 0 || !mayDeploy) return null;
  return (
    <Panel>
      <Teach title="Deploy a stack" action={<Link href={paths.deploy()}>Deploy a Compose file</Link>}>
        Paste or upload a Compose file. You see what it would do before anything happens.
      </Teach>
    </Panel>
  );
};

const Body = ({ overview }: { overview: Overview }) => {
  const services = Object.values(overview.services).reduce((sum, count) => sum + count, 0);
  return (
    <Panels>
      <Needs needs={overview.needs} />
      <FirstSteps nodes={overview.nodes.total} services={services} />
      <Panels of="three">
        <CapacityPanel capacity={overview.capacity} nodes={overview.nodes} />
        <Panel title="Could we come back?">
          <Status tone="unknown" wrap>
            {overview.recovery.sentence}
          </Status>
        </Panel>
        <DuePanel certificates={overview.certificates} />
      </Panels>
      <Panels of="two">
        <Changes changes={overview.changes} health={overview.health} />
        <ServicesPanel services={overview.services} />
      </Panels>
    </Panels>
  );
};

/** Is everything healthy, and if not, what? */
export const OverviewPage = () => {
  const project = useProject();
  const overview = useWatch(routes.overview.overview, { query: { project } });
  const data = overview.data;
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.stacks({ project }) }]}
        title={data ? titleOf(data.needs.length) : 'Overview'}
        meta={
          data && (
            <>
              <Fact name="Services">
                {Object.values(data.services).reduce((sum, count) => sum + count, 0)}
              </Fact>
              <Fact name="Tasks ready">
                {data.tasks.ready} of {data.tasks.wanted}
              </Fact>
              <Fact name="Nodes">
                {data.nodes.ready} of {data.nodes.total} ready
              </Fact>
            </>
          )
        }
      />
      <Gate of={overview} lines={10}>
        {(found) => <Body overview={found} />}
      </Gate>
    </>
  );
};
