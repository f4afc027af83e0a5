import type { RolePreview } from '@portreeve/contract';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';

type Affected = RolePreview['affected'][number];

const permissions = (of: readonly string[]) =>
  of.length === 0 ? <span className="dim">nothing</span> : <span className="mono">{of.join(', ')}</span>;

const COLUMNS: readonly Column<Affected>[] = [
  {
    key: 'who',
    title: 'Who',
    cell: (person) => (
      <span>
        <b>{person.name}</b> <span className="dim">{person.displayName}</span>
      </span>
    ),
  },
  { key: 'where', title: 'In project', cell: (person) => person.projectPath },
  {
    key: 'through',
    title: 'Through',
    cell: (person) => person.teamName ?? <span className="dim">their own</span>,
  },
  { key: 'gains', title: 'Gains', cell: (person) => permissions(person.gains) },
  { key: 'loses', title: 'Loses', cell: (person) => permissions(person.loses) },
];

/** Who may do something else once the role is saved as it stands on the page. */
export const AffectedPanel = ({ preview }: { preview: RolePreview }) => (
  <Panel title="Who is affected" aside="nothing is saved yet">
    <p style={{ marginBlockEnd: 8 }}>
      <Status tone={preview.refusal ? 'bad' : preview.people > 0 ? 'warn' : 'ok'} wrap>
        {preview.refusal || preview.sentence}
      </Status>
    </p>
    {preview.affected.length > 0 && (
      <DataTable
        label="Who is affected"
        columns={COLUMNS}
        rows={preview.affected}
        rowKey={(person) => `${person.id} ${person.projectPath} ${person.teamName ?? ''}`}
        total={preview.people}
      />
    )}
  </Panel>
);
