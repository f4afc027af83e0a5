'use client';
import { paths } from '../../lib/paths.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Teach } from '../../ui/teach.tsx';
import { noneYet, projectName, useProject } from '../projects/project.ts';
import { GrantList } from './grant-list.tsx';
import { GrantTabs } from './grant-tabs.tsx';
import { NewGrant } from './new-grant.tsx';

/** Who may do what, and where. */
export const GrantsPage = () => {
  const project = useProject();
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Grants"
        actions={<NewGrant key={project} primary />}
      />
      <GrantTabs active="grants" />
      <GrantList
        label="Grants"
        of={{ project }}
        reach={project !== '/'}
        empty={
          <Teach title={noneYet('grant', project)}>
            A grant gives a person, a team or a service account a role in a project and all below it. Grant to
            teams: who joins may, who leaves may no more. For an incident, grant for an hour.
          </Teach>
        }
      />
    </>
  );
};
