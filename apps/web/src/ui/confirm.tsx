'use client';
import {
  Button,
  Form,
  FormGroup,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
} from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';
import type { ApiError } from '../lib/call.ts';
import { ActionButton } from './action-button.tsx';
import { ProblemNote } from './problem.tsx';

type Props = {
  /** The word on the button, also the title. */
  label: string;
  title?: string;
  /** What will change, in a sentence. */
  children: ReactNode;
  run: () => Promise<unknown>;
  onDone?: (() => void) | undefined;
  disabledReason?: string | undefined;
  /** Why it cannot run yet, e.g. an empty field. */
  notYet?: string | undefined;
  danger?: boolean;
  variant?: 'primary' | 'secondary' | 'link' | 'plain';
  /** A name to type, only where data would be lost. */
  typeName?: string;
};

/** A button whose dialog says before what will change; a refusal shows the server's sentence in it. */
export const Confirm = (props: Props) => {
  const {
    label,
    title = label,
    children,
    run,
    onDone,
    disabledReason,
    notYet,
    danger,
    variant,
    typeName,
  } = props;
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<ApiError | null>(null);
  const show = () => {
    setError(null);
    setTyped('');
    setOpen(true);
  };
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await run();
      setOpen(false);
      onDone?.();
    } catch (failure) {
      setError(failure as ApiError);
    } finally {
      setBusy(false);
    }
  };
  const waits = notYet ?? (typeName !== undefined && typed !== typeName ? `Type ${typeName}` : undefined);
  return (
    <>
      <ActionButton
        variant={variant ?? 'secondary'}
        isDanger={danger}
        disabledReason={disabledReason}
        onClick={show}
      >
        {label}
      </ActionButton>
      {open && (
        <Modal isOpen variant="small" onClose={() => setOpen(false)} aria-labelledby="confirm-title">
          <ModalHeader title={title} labelId="confirm-title" />
          <ModalBody>
            <Form
              id="confirm-form"
              onSubmit={(event) => {
                event.preventDefault();
                if (waits === undefined && !busy) void go();
              }}
            >
              <div>{children}</div>
              {typeName !== undefined && (
                <FormGroup label={`Type ${typeName} to confirm`} fieldId="confirm-name">
                  <TextInput id="confirm-name" value={typed} onChange={(_, value) => setTyped(value)} />
                </FormGroup>
              )}
              <ProblemNote error={error} />
            </Form>
          </ModalBody>
          <ModalFooter>
            <Button
              type="submit"
              form="confirm-form"
              variant={danger ? 'danger' : 'primary'}
              isLoading={busy}
              isAriaDisabled={waits !== undefined || busy}
            >
              {label}
            </Button>
            <Button variant="link" onClick={() => setOpen(false)}>
              Cancel
            </Button>
          </ModalFooter>
        </Modal>
      )}
    </>
  );
};
