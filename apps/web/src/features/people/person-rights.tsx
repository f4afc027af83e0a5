'use client';
import { routes, type UserView } from '@portreeve/contract';
import { useWatch } from '../../live/queries.ts';
import { Gate } from '../../ui/gate.tsx';
import { Panel } from '../../ui/panel.tsx';
import { AskProject } from '../access/ask-project.tsx';
import { PermissionAnswerList } from '../access/permission-answers.tsx';
import { useProject } from '../projects/project.ts';

/** What somebody may do in a project, and why. */
export const PersonRights = ({ person }: { person: UserView }) => {
  const project = useProject();
  const rights = useWatch(routes.users.permissions, { params: { id: person.id }, query: { project } });
  return (
    <Panel title={`What ${person.name} may do in ${project}, and why`}>
      <AskProject label="In project" />
      <Gate of={rights} lines={12}>
        {({ answers }) => <PermissionAnswerList answers={answers} />}
      </Gate>
    </Panel>
  );
};
