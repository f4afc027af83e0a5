'use client';
import { FormGroup, TextInput } from '@patternfly/react-core';
import { ProjectField } from '../projects/project-field.tsx';
import styles from './deploy-page.module.css';
import type { Draft } from './draft.ts';

/** What a new stack is called, and where it belongs. */
export const NameFields = ({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) => {
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
      <ProjectField value={draft.project} onChange={(project) => onChange({ ...draft, project })} />
    </div>
  );
};
