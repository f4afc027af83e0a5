'use client';
import { paths } from '../../lib/paths.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { useMay } from '../session/signed-in.tsx';

/** What happened, and the sealed record of who did it. */
export const StoryTabs = ({ active }: { active: 'activity' | 'audit' }) => {
  const tabs = [
    { key: 'activity', text: 'Timeline', to: paths.activity(), seen: useMay('activity.read') },
    { key: 'audit', text: 'Audit', to: paths.audit(), seen: useMay('audit.read') },
  ];
  return <LinkTabs label="Activity" active={active} tabs={tabs.filter((tab) => tab.seen)} />;
};
