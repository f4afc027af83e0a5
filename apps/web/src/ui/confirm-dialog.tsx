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
import { type ReactNode, useId, useState } from 'react';
import type { ApiError } from '../lib/call.ts';
import { ProblemNote } from './problem.tsx';

export type ConfirmProps = {
  /** The word on the button, also the title. */
  label: string;
  title?: string;
  /** What will change, in a sentence. */
  children: ReactNode;
  run: () => Promise<unknown>;
  onDone?: (() => void) | undefined;
  onClose: () => void;
  /** Why it cannot run yet, e.g. an empty field. */
  notYet?: string | undefined;
  danger?: boolean;
  /** A name to type, only where data would be lost. */
  typeName?: string;
};

export const ConfirmDialog = (props: ConfirmProps) => {
  const { label, title = label, children, run, onDone, onClose, notYet, danger, typeName } = props;
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<ApiError | null>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await run();
      onClose();
      onDone?.();
    } catch (failure) {
      setError(failure as ApiError);
      setBusy(false);
    }
  };
  const waits = notYet ?? (typeName !== undefined && typed !== typeName ? `Type ${typeName}` : undefined);
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby={`${id}-title`}>
      <ModalHeader title={title} labelId={`${id}-title`} />
      <ModalBody>
        <Form
          id={`${id}-form`}
          onSubmit={(event) => {
            event.preventDefault();
            if (waits === undefined && !busy) void go();
          }}
        >
          <div>{children}</div>
          {typeName !== undefined && (
            <FormGroup label={`Type ${typeName} to confirm`} fieldId={`${id}-name`}>
              <TextInput id={`${id}-name`} value={typed} onChange={(_, value) => setTyped(value)} />
            </FormGroup>
          )}
          <ProblemNote error={error} />
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form={`${id}-form`}
          variant={danger ? 'danger' : 'primary'}
          isLoading={busy}
          isAriaDisabled={waits !== undefined || busy}
        >
          {label}
        </Button>
        <Button variant="link" onClick={onClose}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
};
