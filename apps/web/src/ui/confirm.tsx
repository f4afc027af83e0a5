'use client';
import { useState } from 'react';
import { ActionButton } from './action-button.tsx';
import { ConfirmDialog, type ConfirmProps } from './confirm-dialog.tsx';

type Props = Omit<ConfirmProps, 'onClose'> & {
  disabledReason?: string | undefined;
  variant?: 'primary' | 'secondary' | 'link' | 'plain';
};

/** A button whose dialog says before what will change; a refusal shows the server's sentence in it. */
export const Confirm = ({ disabledReason, variant = 'secondary', ...dialog }: Props) => {
  const [open, setOpen] = useState(false);
  return (
    <>
      <ActionButton
        variant={variant}
        isDanger={dialog.danger}
        disabledReason={disabledReason}
        onClick={() => setOpen(true)}
      >
        {dialog.label}
      </ActionButton>
      {open && <ConfirmDialog {...dialog} onClose={() => setOpen(false)} />}
    </>
  );
};
