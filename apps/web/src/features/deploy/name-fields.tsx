'use client';
import { FormGroup, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { routes } from '@portreeve/contract';
import { useWatch } from '../../live/queries.ts';
import styles from './deploy-page.module.css';
import type { Draft } from './draft.ts';

/** What a new stack is called, and where it belongs. */
export const NameFields = ({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) => {
  const projects = useWatch(routes.projects.list, { query: { limit: 500 } });
  return (
    <div className={styles.name}>
      <FormGroup label="Name of the stack" fieldId="stack-name" isRequired>
        <TextInput
          id="stack-name"
          value={draft.name}
          autoComplete="off"
          onChange={(_, name) => onChange({ ...draft, name })}
        />
      </FormGroup>
      <FormGroup label="Project" fieldId="stack-project">
        <FormSelect
          id="stack-project"
          value={draft.project}
          onChange={(_, project) => onChange({ ...draft, project })}
        >
          {(projects.data?.items ?? [{ id: draft.project, path: draft.project }]).map((project) => (
            <FormSelectOption key={project.id} value={project.path} label={project.path} />
          ))}
        </FormSelect>
      </FormGroup>
    </div>
  );
};
