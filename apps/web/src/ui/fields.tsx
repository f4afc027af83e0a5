'use client';
import {
  FormGroup,
  FormHelperText,
  FormSelect,
  FormSelectOption,
  HelperText,
  HelperTextItem,
  TextArea,
  TextInput,
} from '@patternfly/react-core';
import { type ReactNode, useId } from 'react';

/** Fields under each other, in a dialog or a panel. */
export const Fields = ({ children }: { children: ReactNode }) => (
  <div style={{ display: 'grid', gap: 12 }}>{children}</div>
);

type Labelled = {
  label: string;
  /** What to give, in a sentence; what is wrong stands in its place. */
  help?: ReactNode;
  wrong?: string | undefined;
  required?: boolean;
  value: string;
  onChange: (value: string) => void;
};

const Group = (props: Pick<Labelled, 'label' | 'help' | 'wrong' | 'required'> & GroupBody) => (
  <FormGroup label={props.label} fieldId={props.id} isRequired={props.required}>
    {props.children}
    {(props.wrong || props.help) && (
      <FormHelperText>
        <HelperText id={`${props.id}-help`}>
          <HelperTextItem variant={props.wrong ? 'error' : 'default'}>
            {props.wrong || props.help}
          </HelperTextItem>
        </HelperText>
      </FormHelperText>
    )}
  </FormGroup>
);
type GroupBody = { id: string; children: ReactNode };

type TextProps = Labelled & {
  type?: 'text' | 'number' | 'password' | 'email' | 'url' | 'datetime-local';
  placeholder?: string;
  autoComplete?: string;
};

export const TextField = ({ type = 'text', placeholder, autoComplete = 'off', ...field }: TextProps) => {
  const id = useId();
  return (
    <Group {...field} id={id}>
      <TextInput
        id={id}
        type={type}
        value={field.value}
        placeholder={placeholder}
        autoComplete={autoComplete}
        isRequired={field.required}
        validated={field.wrong ? 'error' : 'default'}
        aria-describedby={`${id}-help`}
        onChange={(_, value) => field.onChange(value)}
      />
    </Group>
  );
};

type SuggestProps = Labelled & { options: readonly { value: string; text: string }[] };

/** Text with suggestions, for one of too many to list. */
export const SuggestField = ({ options, ...field }: SuggestProps) => {
  const id = useId();
  return (
    <Group {...field} id={id}>
      <TextInput
        id={id}
        list={`${id}-list`}
        value={field.value}
        autoComplete="off"
        spellCheck={false}
        validated={field.wrong ? 'error' : 'default'}
        aria-describedby={`${id}-help`}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(_, value) => field.onChange(value)}
      />
      <datalist id={`${id}-list`}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </datalist>
    </Group>
  );
};

type AreaProps = Labelled & { rows?: number; className?: string; placeholder?: string };

/** Text of several lines, in the font of code. */
export const AreaField = ({ rows = 4, className = 'mono', placeholder, ...field }: AreaProps) => {
  const id = useId();
  return (
    <Group {...field} id={id}>
      <TextArea
        id={id}
        className={className}
        rows={rows}
        resizeOrientation="vertical"
        spellCheck={false}
        autoComplete="off"
        value={field.value}
        placeholder={placeholder}
        validated={field.wrong ? 'error' : 'default'}
        aria-describedby={`${id}-help`}
        onChange={(_, value) => field.onChange(value)}
      />
    </Group>
  );
};

type SelectProps = Labelled & { options: readonly { value: string; text: string }[] };

export const SelectField = ({ options, ...field }: SelectProps) => {
  const id = useId();
  return (
    <Group {...field} id={id}>
      <FormSelect id={id} value={field.value} onChange={(_, value) => field.onChange(value)}>
        {options.map((option) => (
          <FormSelectOption key={option.value} value={option.value} label={option.text} />
        ))}
      </FormSelect>
    </Group>
  );
};
