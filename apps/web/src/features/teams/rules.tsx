'use client';
import { routes, type TeamRuleView, type TeamView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel } from '../../ui/panel.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { useLack } from '../session/lack.ts';
import { NewRule } from './new-rule.tsx';
import { ruleWords } from './rule-words.ts';

const RemoveRule = ({ rule }: { rule: TeamRuleView }) => {
  const remove = useAction(routes.directories.removeRule);
  return (
    <Confirm
      label="Remove"
      title="Remove this rule"
      danger
      disabledReason={useLack('team.edit')}
      run={() => remove.mutateAsync({ params: { id: rule.teamId, rule: rule.id } })}
    >
      Whoever of its {rule.members} people is in the team by this rule alone leaves it at once, and loses what
      the grants of the team gave them.
    </Confirm>
  );
};

const COLUMNS: readonly Column<TeamRuleView>[] = [
  {
    key: 'directory',
    title: 'Directory',
    cell: ({ directory }) => <Link href={paths.directory(directory.id)}>{directory.name}</Link>,
  },
  { key: 'wish', title: 'Takes in', cell: ({ wish }) => ruleWords(wish) },
  { key: 'members', title: 'People', cell: ({ members }) => members },
  { key: 'made', title: 'Made', cell: ({ createdAt }) => <When at={createdAt} as="ago" />, fit: true },
  {
    key: 'do',
    title: '',
    cell: (rule) => (
      <RowActions>
        <RemoveRule rule={rule} />
      </RowActions>
    ),
    fit: true,
  },
];

/** Whom directories put into a team. */
export const Rules = ({ team }: { team: TeamView }) => {
  const list = useListState();
  const { limit, cursor } = list.query;
  const rules = useWatch(routes.directories.rules, { params: { id: team.id }, query: { limit, cursor } });
  return (
    <Panel title="Rules of directories" aside={<NewRule team={team} />}>
      <Gate of={rules}>
        {(data) => (
          <DataTable
            label="Rules of the team"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(rule) => rule.id}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              <Teach title="No rule yet">
                A rule takes in the members of a group of a directory, or whom a search finds there, and lets
                them go again, with each sync. People put in by hand stay beside them.
              </Teach>
            }
          />
        )}
      </Gate>
    </Panel>
  );
};
