'use client';
import { paths } from '../../lib/paths.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';

const TABS = [
  { key: 'entries', text: 'Entries', to: paths.audit() },
  { key: 'verify', text: 'Verify', to: paths.auditVerify() },
  { key: 'forwards', text: 'Forwarding', to: paths.auditForwards() },
  { key: 'archives', text: 'Archives', to: paths.auditArchives() },
] as const;

/** The record, the proof that it is whole, where it is sent to, and what of it was written out. */
export const AuditTabs = ({ active }: { active: (typeof TABS)[number]['key'] }) => (
  <LinkTabs label="Audit" active={active} tabs={TABS} />
);
