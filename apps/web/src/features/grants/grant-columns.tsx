'use client';
import { type GrantView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Link } from '../../ui/link.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import { kindWord, subjectPath, subjectText } from '../access/subject.ts';

const EndGrant = ({ grant }: { grant: GrantView }) => {
  const end = useAction(routes.grants.end);
  return (
    <Confirm
      label="End"
      title="End this grant"
      danger
      disabledReason={
        grant.mayEnd ? undefined : `You may not change grants in ${grant.projectPath} of as much as this.`
      }
      run={() => end.mutateAsync({ params: { id: grant.id } })}
    >
      {subjectText(grant.subject)} loses the role {grant.role.name} in {grant.projectPath} and below, at once:
      logs and terminals that were open through it close.
    </Confirm>
  );
};

export const Until = ({ grant }: { grant: Pick<GrantView, 'endsAt'> }) =>
  grant.endsAt === null ? (
    <span className="dim">no end</span>
  ) : (
    <Status tone="warn">
      ends <When at={grant.endsAt} as="until" />
    </Status>
  );

export const GrantSubjectLink = ({ subject }: Pick<GrantView, 'subject'>) => (
  <span>
    <span className="dim">{kindWord(subject.kind)}</span>{' '}
    <Link className="apart" href={subjectPath(subject)} title={subject.displayName || undefined}>
      {subject.name}
    </Link>
  </span>
);

export const GRANT_COLUMNS = {
  who: {
    key: 'who',
    title: 'Who',
    sort: 'subject',
    cell: (grant) => <GrantSubjectLink subject={grant.subject} />,
  },
  role: {
    key: 'role',
    title: 'Role',
    sort: 'role',
    cell: ({ role }) => <Link href={paths.role(role.id)}>{role.name}</Link>,
  },
  where: {
    key: 'where',
    title: 'In project',
    sort: 'project',
    cell: (grant) => (
      <span>
        <Link className="apart" href={paths.project(grant.projectId)}>
          {grant.projectPath}
        </Link>
        {grant.inherited && <span className="dim"> inherited</span>}
      </span>
    ),
  },
  ends: { key: 'ends', title: 'Ends', sort: 'endsAt', cell: (grant) => <Until grant={grant} />, fit: true },
  by: {
    key: 'by',
    title: 'Given by',
    sort: 'createdAt',
    cell: (grant) => (
      <>
        {grant.createdBy}{' '}
        <span className="dim">
          <When at={grant.createdAt} as="ago" />
        </span>
      </>
    ),
    wide: true,
  },
  used: {
    key: 'used',
    title: 'Last used',
    cell: (grant) => grant.lastUsedOn ?? <span className="dim">not yet</span>,
    fit: true,
  },
  why: {
    key: 'why',
    title: 'Why',
    cell: (grant) => grant.reason && <span className="dim">{grant.reason}</span>,
  },
  do: {
    key: 'do',
    title: '',
    cell: (grant) => (
      <RowActions>
        <EndGrant grant={grant} />
      </RowActions>
    ),
    fit: true,
  },
} as const satisfies Record<string, Column<GrantView>>;
