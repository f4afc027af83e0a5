'use client';
import { routes } from '@portreeve/contract';
import { useWatch } from '../../live/queries.ts';
import { SelectField } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/problem.tsx';

/** Roles of a project, those too that one may not grant there. */
export const useRoles = (project: string, enabled: boolean) =>
  useWatch(routes.grants.roles, { query: { project } }, { enabled });

type Props = { of: ReturnType<typeof useRoles>; value: string; onChange: (role: string) => void };

/** Chooses a role; says what it is for, or why it may not be granted there. */
export const RoleField = ({ of: { data, error }, value, onChange }: Props) => {
  const roles = data?.roles ?? [];
  const chosen = roles.find(({ id }) => id === value);
  return (
    <>
      <SelectField
        label="Role"
        required
        help={chosen?.description}
        wrong={chosen?.refusal || undefined}
        options={[
          { value: '', text: 'Choose a role' },
          ...roles.map(({ id, name, refusal }) => ({
            value: id,
            text: refusal === '' ? name : `${name} (not yours to grant)`,
          })),
        ]}
        value={value}
        onChange={onChange}
      />
      <ProblemNote error={error} />
    </>
  );
};
