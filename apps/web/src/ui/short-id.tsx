'use client';
import { Tooltip } from '@patternfly/react-core';
import { useState } from 'react';
import styles from './short-id.module.css';

/** `sha256:9c1e…04b7`; a UUIDv7 begins with its time, so its end tells it apart: `…8f21c4`. */
export const shorten = (id: string): string => {
  const [algorithm, hex] = id.split(':');
  if (hex && hex.length > 12) return `${algorithm}:${hex.slice(0, 4)}…${hex.slice(-4)}`;
  return id.length > 16 ? `…${id.slice(-8)}` : id;
};

/** A short id that copies the whole when pressed. */
export const ShortId = ({ id }: { id: string }) => {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(id);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <Tooltip content={copied ? 'Copied' : id} maxWidth="40rem">
      <button type="button" className={styles.id} onClick={copy} aria-label={`Copy ${shorten(id)}`}>
        {shorten(id)}
      </button>
    </Tooltip>
  );
};
