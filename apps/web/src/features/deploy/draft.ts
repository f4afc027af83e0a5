'use client';
import { type Application, type BundleFile, routes } from '@portreeve/contract';
import { useEffect, useState } from 'react';
import { useWatch } from '../../live/queries.ts';

/** What is being written: files, which of them is open, values and profiles. */
export type Draft = {
  name: string;
  project: string;
  files: Record<string, BundleFile>;
  entry: string;
  values: Record<string, string>;
  /** Values and files given with the version it began from, used again where none is given; the page never sees them. */
  keep: Application['keep'];
  profiles: string[];
};
export const applicationOf = (draft: Draft): Application => ({
  files: draft.files,
  entry: draft.entry,
  // An empty field means: not given, so that the kept value or the file's own default counts.
  values: Object.fromEntries(Object.entries(draft.values).filter(([, value]) => value !== '')),
  ...(draft.keep && { keep: draft.keep }),
  profiles: draft.profiles,
});

const FIRST = `services:
  web:
    image: 
    ports:
      - 8080:80
    deploy:
      replicas: 2
`;
export const ENTRY = 'compose.yaml';
export const newDraft = (project: string): Draft => ({
  name: '',
  project,
  files: { [ENTRY]: FIRST },
  entry: ENTRY,
  values: {},
  keep: undefined,
  profiles: [],
});

const keyOf = (stackId: string | undefined, project: string) =>
  `portreeve.draft.2.${stackId ?? `new ${project}`}`;
/** A draft survives a walk to another page, in this tab only; values may be secret and are not kept. */
export const keptDraft = {
  read: (stackId: string | undefined, project: string): Draft | null => {
    const text = sessionStorage.getItem(keyOf(stackId, project));
    return text === null ? null : (JSON.parse(text) as Draft);
  },
  keep: (stackId: string | undefined, draft: Draft): void => {
    try {
      sessionStorage.setItem(keyOf(stackId, draft.project), JSON.stringify({ ...draft, values: {} }));
    } catch {
      // Larger than a tab may keep: then it lives as long as the page.
      sessionStorage.removeItem(keyOf(stackId, draft.project));
    }
  },
  forget: (stackId: string | undefined, project: string): void =>
    sessionStorage.removeItem(keyOf(stackId, project)),
};

/** The stack and version that a draft begins from. */
export const useBase = (stackId: string | undefined, version: number | undefined) => {
  const stack = useWatch(
    routes.stacks.get,
    { params: { id: stackId ?? '' } },
    { enabled: stackId !== undefined },
  );
  const number = version ?? stack.data?.stackVersion ?? 0;
  const file = useWatch(
    routes.stacks.version,
    { params: { id: stackId ?? '', number } },
    { enabled: stackId !== undefined && number > 0 },
  );
  return { stack, file };
};

/** A value that follows another when it has been still for a while. */
export const useSettled = <T>(value: T, ms: number): T => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
};
