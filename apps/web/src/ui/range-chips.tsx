'use client';
import { ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';

type Props = {
  label: string;
  options: readonly { value: string; text: string }[];
  value: string;
  onChange: (value: string) => void;
};

/** One choice of a few, all in sight. */
export const RangeChips = ({ label, options, value, onChange }: Props) => (
  <ToggleGroup isCompact aria-label={label}>
    {options.map((option) => (
      <ToggleGroupItem
        key={option.value}
        text={option.text}
        buttonId={`${label}-${option.value}`}
        isSelected={option.value === value}
        onChange={() => onChange(option.value)}
      />
    ))}
  </ToggleGroup>
);
