'use client';
import { Button } from '@patternfly/react-core';
import { type ChangeEvent, useRef, useState } from 'react';
import { entryOf, readChosen } from './bundle.ts';
import styles from './deploy-page.module.css';
import type { Draft } from './draft.ts';

type Props = { draft: Draft; open: string; onOpen: (file: string) => void; onDraft: (draft: Draft) => void };

const keepingFiles = (draft: Draft, files: string[]): Draft =>
  draft.keep ? { ...draft, keep: { ...draft.keep, files } } : draft;

/** The files of the application: which is open, and uploading one, a folder or a bundle. */
export const FileBar = ({ draft, open, onOpen, onDraft }: Props) => {
  const one = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [error, setError] = useState('');
  const take = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = [...(event.target.files ?? [])];
    event.target.value = '';
    setError('');
    try {
      const read = await readChosen(chosen);
      const entry = entryOf(Object.keys(read));
      const single = chosen.length === 1 && /\.ya?ml$/.test(chosen[0]?.name ?? '');
      const only = single ? Object.values(read)[0] : undefined;
      if (only !== undefined) return onDraft({ ...draft, files: { ...draft.files, [draft.entry]: only } });
      const files = entry ? read : { ...draft.files, ...read };
      // A whole bundle is what it looks like; beside single files the others stay.
      const kept = entry ? [] : (draft.keep?.files ?? []).filter((path) => files[path] === undefined);
      onDraft({ ...keepingFiles(draft, kept), files, entry: entry ?? draft.entry });
      if (entry) onOpen(entry);
    } catch (failure) {
      setError((failure as Error).message);
    }
  };
  const remove = (path: string) => {
    const { [path]: _, ...files } = draft.files;
    onDraft({ ...draft, files });
    onOpen(draft.entry);
  };
  const leaveOut = (path: string) =>
    onDraft(
      keepingFiles(
        draft,
        (draft.keep?.files ?? []).filter((each) => each !== path),
      ),
    );
  return (
    <div className={styles.files}>
      <nav aria-label="Files" className={styles.tabs}>
        {Object.keys(draft.files).map((path) => (
          <span key={path}>
            <button
              type="button"
              aria-current={path === open}
              className={styles.file}
              onClick={() => onOpen(path)}
            >
              {path}
            </button>
            {path !== draft.entry && (
              <button
                type="button"
                className="quiet"
                aria-label={`Leave out ${path}`}
                onClick={() => remove(path)}
              >
                ✕
              </button>
            )}
          </span>
        ))}
        {(draft.keep?.files ?? []).map((path) => (
          <span key={path} className={styles.kept}>
            {path} (as with version {draft.keep?.version}, not shown)
            <button
              type="button"
              className="quiet"
              aria-label={`Leave out ${path}`}
              onClick={() => leaveOut(path)}
            >
              ✕
            </button>
          </span>
        ))}
      </nav>
      <span className={styles.uploads}>
        <Button variant="link" size="sm" isInline onClick={() => one.current?.click()}>
          Upload a file or bundle (.tar)
        </Button>
        <Button variant="link" size="sm" isInline onClick={() => folder.current?.click()}>
          or a folder
        </Button>
      </span>
      <input ref={one} type="file" multiple hidden onChange={take} data-testid="upload" />
      {/* @ts-expect-error webkitdirectory is known to browsers, not to React's types */}
      <input ref={folder} type="file" webkitdirectory="" hidden onChange={take} />
      {error && (
        <p role="alert" className={styles.bad}>
          {error}
        </p>
      )}
    </div>
  );
};
