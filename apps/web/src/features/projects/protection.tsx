'use client';
import { Checkbox, Form, FormGroup } from '@patternfly/react-core';
import { type ProjectView, routes } from '@portreeve/contract';
import { isHostPrivilege, PERMISSIONS, type Permission } from '@portreeve/domain';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import styles from '../access/access.module.css';
import { EVERY } from '../access/permission-groups.ts';
import { useLack } from '../session/lack.ts';

const PRIVILEGES = EVERY.filter(isHostPrivilege);
const draftOf = ({ hostPrivileges, ownNodesOnly, recordTerminals }: ProjectView) => ({
  hostPrivileges: PRIVILEGES.filter((each) => hostPrivileges.includes(each)),
  ownNodesOnly,
  recordTerminals,
});
type Draft = ReturnType<typeof draftOf>;

const Privileges = ({
  chosen,
  onChange,
}: {
  chosen: Permission[];
  onChange: (next: Permission[]) => void;
}) => (
  <FormGroup label="Privileges of the host that are allowed here and below" role="group">
    <p className="dim" style={{ marginBlockEnd: 6 }}>
      Whoever has one may take over the hosts that run it. Besides this, a grant must have it: roles such as
      full control do. Only a cluster administrator changes them.
    </p>
    <div className={styles.boxes}>
      {PRIVILEGES.map((permission) => (
        <Checkbox
          key={permission}
          id={`allow-${permission}`}
          label={
            <>
              {PERMISSIONS[permission]} <span className="mono dim">{permission}</span>
            </>
          }
          isChecked={chosen.includes(permission)}
          onChange={(_, on) =>
            onChange(PRIVILEGES.filter((each) => (each === permission ? on : chosen.includes(each))))
          }
        />
      ))}
    </div>
  </FormGroup>
);

/** What is allowed in a project beyond roles, and what is asked of whoever works in it. */
export const Protection = ({ project }: { project: ProjectView }) => {
  const edit = useAction(routes.projects.edit);
  const lack = useLack('project.edit');
  const [draft, setDraft] = useState<Draft>(() => draftOf(project));
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const before = draftOf(project);
  const changed = Object.fromEntries(
    Object.entries(draft).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof Draft]),
    ),
  ) as Partial<Draft>;
  const notYet = Object.keys(changed).length > 0 ? undefined : 'Nothing is changed.';
  return (
    <Panel title="Protection" aside="holds here and in all projects below">
      <Form
        style={{ maxWidth: 640 }}
        onSubmit={(event) => {
          event.preventDefault();
          if (lack || notYet) return;
          edit.mutate({ params: { id: project.id }, body: changed, ifMatch: project.version });
        }}
      >
        <Privileges chosen={draft.hostPrivileges} onChange={(hostPrivileges) => set({ hostPrivileges })} />
        <Checkbox
          id="own-nodes-only"
          label="Run its tasks on its own nodes only"
          description="Nodes of this project and of those below it; none of a project above, though they would take them."
          isChecked={draft.ownNodesOnly}
          onChange={(_, ownNodesOnly) => set({ ownNodesOnly })}
        />
        <Checkbox
          id="record-terminals"
          label="Record what terminals show"
          description="Kept with the audit, for whoever may watch recordings. The terminal says so to the person who opens it."
          isChecked={draft.recordTerminals}
          onChange={(_, recordTerminals) => set({ recordTerminals })}
        />
        <ProblemNote error={edit.error} />
        <ActionButton
          type="submit"
          variant="primary"
          size="default"
          style={{ justifySelf: 'start' }}
          isLoading={edit.isPending}
          disabledReason={lack ?? notYet}
        >
          Save
        </ActionButton>
      </Form>
    </Panel>
  );
};
