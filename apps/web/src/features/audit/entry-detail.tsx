'use client';
import { type AuditView, type FieldChange, routes } from '@portreeve/contract';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { Facts } from '../../ui/facts.tsx';
import { FieldChanges } from '../../ui/field-changes.tsx';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { exactTime } from '../../ui/when.tsx';
import { subjectText } from '../access/subject.ts';
import { useMay } from '../session/signed-in.tsx';
import { changesIn, restIn } from './entry-words.ts';

/** The grant that allowed it, as long as it stands and may be seen. */
const Through = ({ grantId }: { grantId: string }) => {
  const grant = useWatch(routes.grants.get, { params: { id: grantId } }, { enabled: useMay('grant.read') });
  if (!grant.data)
    return (
      <>
        a grant that has ended or is not yours to see <ShortId id={grantId} />
      </>
    );
  const { subject, role, projectPath } = grant.data;
  return (
    <>
      the role <Link href={paths.role(role.id)}>{role.name}</Link> of {subjectText(subject)} in {projectPath}
    </>
  );
};

const Changes = ({ of }: { of: readonly FieldChange[] }) => (
  <>
    <h3 style={{ fontSize: 13, fontWeight: 600, marginBlockStart: 10 }}>Before and after</h3>
    <FieldChanges changes={of} />
  </>
);

const throughNothing = ({ outcome }: AuditView): string =>
  outcome === 'refused' ? 'nothing: it was refused' : 'no grant was needed';

/** One entry whole: who, through which grant, from where, to what, and what it was and is. */
export const EntryDetail = ({ entry, onClose }: { entry: AuditView; onClose: () => void }) => {
  const changes = changesIn(entry.detail);
  const facts: Record<string, ReactNode> = {
    When: exactTime(entry.at),
    Who: `${entry.actor}, by ${entry.via}`,
    From: entry.address,
    Did: <span className="mono">{entry.action}</span>,
    To: entry.object,
    'In project': entry.projectPath ?? 'the cluster',
    Ended: entry.outcome,
    Through: entry.grantId ? <Through grantId={entry.grantId} /> : throughNothing(entry),
    ...restIn(entry.detail),
    'Id of the entry': <ShortId id={entry.id} />,
    Sealed: entry.sealed ? 'yes, it is in the chain' : 'in a moment',
  };
  return (
    <Panel
      title="Entry"
      aside={
        <button type="button" className="quiet" onClick={onClose}>
          close
        </button>
      }
    >
      <Facts of={facts} />
      {changes.length > 0 && <Changes of={changes} />}
      {entry.recordingId && (
        <p style={{ marginBlockStart: 8 }}>
          <Link href={paths.recording(entry.recordingId)}>Watch what the terminal showed</Link>
        </p>
      )}
    </Panel>
  );
};
