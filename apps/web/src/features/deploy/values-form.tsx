'use client';
import { TextInput } from '@patternfly/react-core';
import type { DeployPlanView } from '@portreeve/contract';
import { Panel } from '../../ui/panel.tsx';
import type { Draft } from './draft.ts';
import styles from './values-form.module.css';

type Variable = DeployPlanView['variables'][number];
type Props = { variables: readonly Variable[]; draft: Draft; onChange: (draft: Draft) => void };

const placeholderOf = (variable: Variable, keptFrom: number | undefined): string => {
  if (keptFrom !== undefined) return `as given with version ${keptFrom}`;
  return variable.default === undefined ? '' : `${variable.default} (default)`;
};

const Value = ({ variable, draft, onChange }: { variable: Variable } & Omit<Props, 'variables'>) => {
  const { name } = variable;
  const value = draft.values[name] ?? '';
  const keptFrom = draft.keep?.names.includes(name) ? draft.keep.version : undefined;
  const forget = () =>
    draft.keep &&
    onChange({ ...draft, keep: { ...draft.keep, names: draft.keep.names.filter((each) => each !== name) } });
  const missing = variable.required && value === '' && keptFrom === undefined;
  return (
    <div className={styles.pair}>
      <label htmlFor={`value-${name}`} className="mono">
        {name}
        {missing && <span className={styles.must}> required</span>}
      </label>
      <TextInput
        id={`value-${name}`}
        value={value}
        placeholder={placeholderOf(variable, keptFrom)}
        validated={missing ? 'warning' : 'default'}
        onChange={(_, typed) => onChange({ ...draft, values: { ...draft.values, [name]: typed } })}
      />
      {keptFrom !== undefined && value === '' && (
        <button type="button" className="quiet" aria-label={`Do not keep ${name}`} onClick={forget}>
          do not keep
        </button>
      )}
    </div>
  );
};

/** The variables of the file: given here, else kept, else their default; nothing of the server is ever read. */
export const ValuesForm = ({ variables, draft, onChange }: Props) => {
  if (variables.length === 0) return null;
  const aside = draft.keep
    ? `those of version ${draft.keep.version} are used again, unseen, where you type none`
    : 'for the variables of the file';
  return (
    <Panel title="Values" aside={aside}>
      <div className={styles.grid}>
        {variables.map((variable) => (
          <Value key={variable.name} variable={variable} draft={draft} onChange={onChange} />
        ))}
      </div>
    </Panel>
  );
};
