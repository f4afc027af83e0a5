'use client';
import { ClipboardCopy } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { Panel } from '../../ui/panel.tsx';

type Props = { title: string; label: string; secret: string; onClose: () => void; children: ReactNode };

/** A secret that exists in readable form on this page only, until the person says that they have it. */
export const ShownOnce = ({ title, label, secret, onClose, children }: Props) => (
  <Panel
    title={title}
    aside={
      <button type="button" className="quiet" onClick={onClose}>
        I have it
      </button>
    }
  >
    <ClipboardCopy isReadOnly hoverTip="Copy" clickTip="Copied" textAriaLabel={label}>
      {secret}
    </ClipboardCopy>
    <p className="dim" style={{ marginTop: 6 }}>
      {children}
    </p>
  </Panel>
);
