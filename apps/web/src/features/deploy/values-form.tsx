'use client';
import { TextInput } from '@patternfly/react-core';
import type { DeployPlanView } from '@portreeve/contract';
import { Panel } from '../../ui/panel.tsx';
import styles from './values-form.module.css';

type Props = {
  variables: DeployPlanView['variables'];
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
};

/** The variables of the file: given here, else their default; nothing of the server is ever read. */
export const ValuesForm = ({ variables, values, onChange }: Props) => {
  if (variables.length === 0) return null;
  return (
    <Panel title="Values" aside="for the variables of the file">
      <div className={styles.grid}>
        {variables.map((variable) => (
          <div key={variable.name} className={styles.pair}>
            <label htmlFor={`value-${variable.name}`} className="mono">
              {variable.name}
              {variable.required && <span className={styles.must}> required</span>}
            </label>
            <TextInput
              id={`value-${variable.name}`}
              value={values[variable.name] ?? ''}
              placeholder={variable.default === undefined ? '' : `${variable.default} (default)`}
              validated={variable.required && !values[variable.name] ? 'warning' : 'default'}
              onChange={(_, value) => onChange({ ...values, [variable.name]: value })}
            />
          </div>
        ))}
      </div>
    </Panel>
  );
};
