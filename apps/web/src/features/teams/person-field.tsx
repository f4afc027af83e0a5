'use client';
import { routes } from '@portreeve/contract';
import { useState } from 'react';
import { useWatch } from '../../live/queries.ts';
import { SuggestField } from '../../ui/fields.tsx';

/** More than these are found by typing on. */
const MOST = 20;

/** Chooses somebody who has an account, which the server looks for while one types. */
export const PersonField = ({ onChange }: { onChange: (id: string | null) => void }) => {
  const [text, setText] = useState('');
  const search = text.trim() || undefined;
  const { data } = useWatch(routes.users.list, { query: { limit: MOST, search } });
  const found = data?.items ?? [];
  const chosen = found.find(({ name }) => name === text);
  return (
    <SuggestField
      label="Who"
      required
      help={chosen?.displayName || 'Type a part of the name.'}
      wrong={data && found.length === 0 && search ? 'Nobody who has an account is called so.' : undefined}
      options={found.map(({ name, displayName }) => ({ value: name, text: displayName }))}
      value={text}
      onChange={(next) => {
        setText(next);
        onChange(found.find(({ name }) => name === next)?.id ?? null);
      }}
    />
  );
};
