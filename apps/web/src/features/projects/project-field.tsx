'use client';
import { routes } from '@portreeve/contract';
import { useWatch } from '../../live/queries.ts';
import { SelectField } from '../../ui/fields.tsx';

type Props = { label?: string; help?: string; value: string; onChange: (path: string) => void };

/** Chooses one of the projects there are. */
export const ProjectField = ({ label = 'Project', ...field }: Props) => {
  const { data } = useWatch(routes.projects.list, { query: { limit: 500 } });
  const paths = (data?.items ?? []).map((project) => project.path).sort();
  const options = (paths.includes(field.value) ? paths : [field.value, ...paths]).map((path) => ({
    value: path,
    text: path === '/' ? '/ (everything)' : path,
  }));
  return <SelectField label={label} options={options} {...field} />;
};
