'use client';
import { FormGroup } from '@patternfly/react-core';
import { type GrantSubject, routes } from '@portreeve/contract';
import { ProjectPath } from '@portreeve/domain';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, TextField } from '../../ui/fields.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { subjectText } from '../access/subject.ts';
import { useProject } from '../projects/project.ts';
import { ProjectField } from '../projects/project-field.tsx';
import { useLack } from '../session/lack.ts';
import { endOf, LASTS } from './grant-ends.ts';
import { RoleField, useRoles } from './role-field.tsx';
import { SubjectField } from './subject-field.tsx';

const EMPTY = { role: '', last: 'always', exact: '', reason: '' };
type Draft = typeof EMPTY;
type Set = (part: Partial<Draft>) => void;

const End = ({ draft, set }: { draft: Draft; set: Set }) => (
  <>
    <FormGroup label="It ends after">
      <RangeChips
        label="It ends after"
        options={LASTS}
        value={draft.last}
        onChange={(last) => set({ last })}
      />
    </FormGroup>
    {draft.last === 'exact' && (
      <TextField
        label="It ends at"
        type="datetime-local"
        required
        value={draft.exact}
        onChange={(exact) => set({ exact })}
      />
    )}
    <TextField
      label="Why"
      placeholder="incident 4411"
      help="Kept with the grant and in the audit."
      value={draft.reason}
      onChange={(reason) => set({ reason })}
    />
  </>
);

type Props = { to?: GrantSubject; in?: string; primary?: boolean };

/** Gives a role in a project: to somebody who is chosen, or to whom the page is about. */
export const NewGrant = ({ to, in: within, primary }: Props) => {
  const here = useProject();
  const create = useAction(routes.grants.create);
  const [picked, setPicked] = useState<GrantSubject | null>(null);
  const [project, setProject] = useState(within ?? here);
  const [draft, set, reset] = useDraft(EMPTY);
  const asked = ProjectPath.safeParse(project).success ? project : '/';
  const subject = to ?? picked;
  const lack = useLack('grant.edit');
  const roles = useRoles(asked, lack === undefined);
  const role = roles.data?.roles.find(({ id }) => id === draft.role);
  const notYet = () => {
    if (!subject) return 'Choose somebody.';
    if (asked !== project) return 'Choose a project.';
    if (!role) return 'Choose a role.';
    if (role.refusal) return role.refusal;
    return endOf(draft.last, draft.exact, 0) === null ? 'Say when it ends.' : undefined;
  };
  const give = async () => {
    if (!subject || !role) return;
    const endsAt = endOf(draft.last, draft.exact, Date.now()) ?? undefined;
    const { kind, id } = subject;
    await create.mutateAsync({
      body: { subject: { kind, id }, role: role.id, project, endsAt, reason: draft.reason },
    });
  };
  return (
    <Confirm
      label="Grant"
      title={to ? `Grant a role to ${subjectText(to)}` : 'Grant a role'}
      variant={primary ? 'primary' : 'secondary'}
      disabledReason={lack}
      notYet={notYet()}
      run={give}
      onDone={() => {
        reset();
        setPicked(null);
      }}
    >
      <Fields>
        {!to && <SubjectField project={asked} onChange={setPicked} />}
        <ProjectField label="In project" help="And those below it." value={project} onChange={setProject} />
        <RoleField of={roles} value={draft.role} onChange={(id) => set({ role: id })} />
        <End draft={draft} set={set} />
      </Fields>
    </Confirm>
  );
};
