'use client';
import { Button, Form } from '@patternfly/react-core';
import { ProjectPath } from '@portreeve/domain';
import { useState } from 'react';
import { useListState } from '../../ui/list-state.ts';
import { useProject } from '../projects/project.ts';
import { ProjectField } from '../projects/project-field.tsx';
import styles from './access.module.css';

/** Chooses the project that a question is about; it stands in the URL. */
export const AskProject = ({ label }: { label: string }) => {
  const list = useListState();
  const [project, setProject] = useState(useProject());
  return (
    <Form
      className={styles.ask}
      onSubmit={(event) => {
        event.preventDefault();
        if (ProjectPath.safeParse(project).success) list.filter({ project });
      }}
    >
      <ProjectField label={label} value={project} onChange={setProject} />
      <Button type="submit" variant="secondary" size="sm">
        Ask
      </Button>
    </Form>
  );
};
