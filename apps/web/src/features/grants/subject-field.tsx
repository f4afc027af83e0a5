'use client';
import { type GrantSubject, routes } from '@portreeve/contract';
import { useState } from 'react';
import { useWatch } from '../../live/queries.ts';
import { SuggestField } from '../../ui/fields.tsx';
import { searchOf, subjectText } from '../access/subject.ts';

/** More than these are found by typing on. */
const MOST = 20;

type Props = { project: string; onChange: (subject: GrantSubject | null) => void };

/** Chooses a person, a team or a service account, which the server looks for while one types. */
export const SubjectField = ({ project, onChange }: Props) => {
  const [text, setText] = useState('');
  const search = searchOf(text) || undefined;
  const { data } = useWatch(routes.grants.subjects, { query: { limit: MOST, search, project } });
  const found = data?.items ?? [];
  const chosen = found.find((subject) => subjectText(subject) === text);
  const none = data !== undefined && found.length === 0 && search !== undefined;
  return (
    <SuggestField
      label="Who"
      required
      help={chosen?.displayName || 'A person, a team or a service account; type a part of the name.'}
      wrong={none ? 'Nobody is called so.' : undefined}
      options={found.map((subject) => ({ value: subjectText(subject), text: subject.displayName }))}
      value={text}
      onChange={(next) => {
        setText(next);
        onChange(found.find((subject) => subjectText(subject) === next) ?? null);
      }}
    />
  );
};
