'use client';
import { type Explanation, routes } from '@portreeve/contract';
import { PERMISSIONS, Permission } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { SelectField } from '../../ui/fields.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { GRANT_COLUMNS } from '../grants/grant-columns.tsx';
import styles from './access.module.css';
import { type ExplainedKind, questionsOf } from './questions.ts';

type Holder = Explanation['holders'][number];
const { who, role, where, ends, used, why } = GRANT_COLUMNS;
const COLUMNS: readonly Column<Holder>[] = [
  who,
  { key: 'people', title: 'People', cell: ({ people }) => people, fit: true },
  role,
  where,
  {
    key: 'counts',
    title: 'Counts',
    cell: ({ counts }) =>
      counts ? <Status tone="ok">yes</Status> : <Status tone="held">not allowed in the project</Status>,
    fit: true,
  },
  ends,
  used,
  why,
];
/** Sorting and paging are of lists; this one is whole. */
const UNSORTED = COLUMNS.map(({ sort: _, ...column }) => column);

const Answer = ({ of }: { of: Explanation }) => (
  <>
    <p className={styles.said}>
      <Status tone={of.holders.some(({ counts }) => counts) ? 'ok' : 'off'} wrap>
        {of.sentence}
      </Status>
    </p>
    <DataTable
      label="Who can do this"
      columns={UNSORTED}
      rows={of.holders}
      rowKey={({ id }) => id}
      total={of.holders.length + of.more}
      empty={<Teach title="No grant has it">Only recovery administrators may do this here.</Teach>}
    />
    {of.administrators.length > 0 && (
      <p className="dim" style={{ marginBlockStart: 6 }}>
        And recovery administrators, who need no grant:{' '}
        {of.administrators.map(({ id, name }, index) => (
          <span key={id}>
            {index > 0 && ', '}
            <Link className="apart" href={paths.person(id)}>
              {name}
            </Link>
          </span>
        ))}
      </p>
    )}
  </>
);

/** The question box of an object: who can do something with it, and through which grant. */
export const WhoCan = ({ kind, id }: { kind: ExplainedKind; id: string }) => {
  const list = useListState();
  const questions = questionsOf(kind);
  const asked = Permission.safeParse(list.read('can')).data ?? questions[0];
  const answer = useWatch(
    routes.grants.explain,
    { params: { kind, id }, query: { permission: asked ?? 'project.read' } },
    { enabled: asked !== undefined },
  );
  return (
    <Panel title="Who can do this?">
      <div className={styles.ask}>
        <SelectField
          label="Do what"
          options={questions.map((permission) => ({
            value: permission,
            text: `${PERMISSIONS[permission]} (${permission})`,
          }))}
          value={asked ?? ''}
          onChange={(can) => list.filter({ can })}
        />
      </div>
      <Gate of={answer}>{(data) => <Answer of={data} />}</Gate>
    </Panel>
  );
};
