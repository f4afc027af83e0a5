'use client';
import { paths } from '../../lib/paths.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';

/** What was granted, and what of it nobody uses. */
export const GrantTabs = ({ active }: { active: 'grants' | 'unused' }) => (
  <LinkTabs
    label="Grants"
    active={active}
    tabs={[
      { key: 'grants', text: 'Grants', to: paths.grants() },
      { key: 'unused', text: 'Unused rights', to: paths.unusedRights() },
    ]}
  />
);
