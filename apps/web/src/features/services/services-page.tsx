'use client';
import { routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Teach } from '../../ui/teach.tsx';
import { projectName, useProject } from '../projects/project.ts';
import { StackTabs } from '../stacks/stack-tabs.tsx';
import { ServiceTable } from './service-table.tsx';

const STATES = ['down', 'degraded', 'changing', 'waiting', 'healthy', 'stopped'].map((value) => ({
  value,
  text: value,
}));

/** Every service of the project, also by the image it runs. */
export const ServicesPage = () => {
  const project = useProject();
  const list = useListState();
  const services = useWatch(routes.services.list, {
    query: { ...list.query, project, state: list.read('state'), image: list.read('image') },
  });
  const deploy = <ButtonLink to={paths.deploy({ project })} text="Deploy a stack" primary />;
  const image = list.read('image');
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Services"
        actions={deploy}
      />
      <StackTabs active="services" />
      <ListBar list={list} placeholder="Filter by name or image" chips={{ name: 'state', options: STATES }}>
        {image && (
          <button type="button" className="quiet" onClick={() => list.filter({ image: undefined })}>
            only {image} ✕
          </button>
        )}
      </ListBar>
      <Gate of={services}>
        {(data) => (
          <ServiceTable
            rows={data.items}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              <Teach title="No service here" action={deploy}>
                {list.query.search || list.read('state') || image
                  ? 'None matches the filter.'
                  : 'Services come with a stack: a Compose file that runs.'}
              </Teach>
            }
          />
        )}
      </Gate>
    </>
  );
};
