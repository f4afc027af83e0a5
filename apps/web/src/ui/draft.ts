'use client';
import { useState } from 'react';

/** What is typed into a form so far: the draft, a change of a part of it, and the way back to the beginning. */
export const useDraft = <T extends object>(empty: T): [T, (part: Partial<T>) => void, () => void] => {
  const [draft, setDraft] = useState(empty);
  return [draft, (part) => setDraft((before) => ({ ...before, ...part })), () => setDraft(empty)];
};
