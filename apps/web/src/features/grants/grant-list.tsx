'use client';
import { type GrantView, routes } from '@portreeve/contract';
import type { ReactNode } from 'react';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Teach } from '../../ui/teach.tsx';
import { GRANT_COLUMNS } from './grant-columns.tsx';

const { who, role, where, ends, by, used, why, do: end } = GRANT_COLUMNS;
const ALL: Column<GrantView>[] = [who, role, where, ends, used, by, why, end];
const REACHES = [{ value: 'effective', text: 'with what is inherited' }];

type Cut = { user?: string; team?: string; role?: string; project?: string };
type Props = {
  label: string;
  of: Cut;
  /** Columns that would say the same in each row. */
  without?: readonly string[];
  reach?: boolean;
  empty: ReactNode;
};

/** Grants, all of one project or those of one object. */
export const GrantList = ({ label, of, without = [], reach, empty }: Props) => {
  const list = useListState('');
  const effective = reach && list.read('reach') === 'effective' ? ('effective' as const) : undefined;
  const grants = useWatch(routes.grants.list, { query: { ...list.query, ...of, reach: effective } });
  return (
    <>
      <ListBar
        list={list}
        placeholder="Filter by who, role, project"
        chips={reach ? { name: 'reach', options: REACHES, all: 'given here and below' } : undefined}
      />
      <Gate of={grants}>
        {(data) => (
          <DataTable
            label={label}
            columns={ALL.filter(({ key }) => !without.includes(key))}
            rows={data.items}
            rowKey={(grant) => grant.id}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              list.query.search ? <Teach title="No grant matches">Clear the filter to see all.</Teach> : empty
            }
          />
        )}
      </Gate>
    </>
  );
};
