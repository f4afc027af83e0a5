'use client';
import { FormGroup } from '@patternfly/react-core';
import { formatBytes, MOST_FILE_BYTES } from '@portreeve/domain';
import { useId } from 'react';
import { AreaField, Fields } from '../../ui/fields.tsx';
import { encodeBytes } from './base64.ts';
import styles from './files.module.css';

/** Text as typed, or the bytes of a chosen file. */
export type Content = { text: string; file: { name: string; bytes: Uint8Array } | null };
export const NO_CONTENT: Content = { text: '', file: null };

const bytesOf = (content: Content): Uint8Array =>
  content.file?.bytes ?? new TextEncoder().encode(content.text);
export const encodeContent = (content: Content): string => encodeBytes(bytesOf(content));
/** What keeps this content from being sent. */
export const contentWrong = (content: Content): string | undefined => {
  const size = bytesOf(content).length;
  if (size === 0) return 'It is empty.';
  return size > MOST_FILE_BYTES
    ? `It is ${formatBytes(size)}; at most ${formatBytes(MOST_FILE_BYTES)} fit.`
    : undefined;
};

type Props = { content: Content; onChange: (content: Content) => void; hidden: boolean };

/** Content to type, paste or choose. A secret's is masked while it is typed. */
export const ContentField = ({ content, onChange, hidden }: Props) => {
  const id = useId();
  const choose = async (file: File | undefined) =>
    onChange({
      text: content.text,
      file: file ? { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) } : null,
    });
  return (
    <Fields>
      {content.file === null && (
        <AreaField
          label="Content"
          rows={8}
          className={hidden ? `mono ${styles.masked}` : 'mono'}
          help="Taken byte by byte as it stands here, without a line break at the end unless there is one."
          value={content.text}
          onChange={(text) => onChange({ text, file: null })}
        />
      )}
      <FormGroup label={content.file ? 'Content' : 'Or a file'} fieldId={id}>
        <input id={id} type="file" onChange={(event) => void choose(event.target.files?.[0])} />
        {content.file && (
          <p className="dim">
            {content.file.name}, {formatBytes(content.file.bytes.length)}{' '}
            <button type="button" className="quiet" onClick={() => onChange({ ...content, file: null })}>
              Type it instead
            </button>
          </p>
        )}
      </FormGroup>
    </Fields>
  );
};
