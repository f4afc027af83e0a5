'use client';
import { Checkbox } from '@patternfly/react-core';

type Props = { id: string; value: boolean; onChange: (value: boolean) => void };

/** Whether the server may call an address of the company's own networks; off unless somebody says so. */
export const PrivateAddressField = ({ id, value, onChange }: Props) => (
  <Checkbox
    id={id}
    label="It may be at a private address"
    description="Off, the server refuses to call addresses of your own networks for it."
    isChecked={value}
    onChange={(_, checked) => onChange(checked)}
  />
);
