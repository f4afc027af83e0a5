'use client';
import { routes } from '@portreeve/contract';
import { useState } from 'react';
import { type ApiError, type CallInput, fetchFile } from '../../lib/call.ts';
import { saveFile } from '../../lib/save-file.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { ProblemNote } from '../../ui/problem.tsx';

type Filter = NonNullable<CallInput<typeof routes.audit.export>['query']>;
const FORMATS = ['csv', 'json'] as const;

/** Every entry that the filters on the page match, as a file. */
export const ExportButtons = ({ filter }: { filter: Filter }) => {
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const save = async (format: (typeof FORMATS)[number]) => {
    setBusy(format);
    setError(null);
    try {
      const file = await fetchFile(routes.audit.export, { query: { ...filter, format } });
      await saveFile(file, `audit.${format}`);
    } catch (failure) {
      setError(failure as ApiError);
    }
    setBusy(null);
  };
  return (
    <>
      <ProblemNote error={error} />
      {FORMATS.map((format) => (
        <ActionButton key={format} isLoading={busy === format} onClick={() => void save(format)}>
          Export {format.toUpperCase()}
        </ActionButton>
      ))}
    </>
  );
};
