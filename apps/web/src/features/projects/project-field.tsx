'use client';
import { routes } from '@portreeve/contract';
import { useWatch } from '../../live/queries.ts';
import { SuggestField } from '../../ui/fields.tsx';

type Props = { label?: string; help?: string; value: string; onChange: (path: string) => void };
/** More than these are found by typing on. */
const MOST = 20;

/** Chooses one of the projects there are, which the server looks for while one types. */
export const ProjectField = ({ label = 'Project', ...field }: Props) => {
  const search = field.value === '/' ? undefined : field.value;
  const { data } = useWatch(routes.projects.list, { query: { limit: MOST, search } });
  // While another answer is awaited the last one is shown: it says nothing of what is typed now.
  const answers = (data?.items ?? []).map(({ path }) => path);
  const known = search === undefined || answers.length === 0 || answers.some((path) => path.includes(search));
  const none = data !== undefined && known && search !== undefined && !answers.includes(search);
  return (
    <SuggestField
      label={label}
      options={answers.map((path) => ({ value: path, text: path === '/' ? 'everything' : '' }))}
      wrong={none ? `There is no project ${field.value}.` : undefined}
      {...field}
    />
  );
};
