'use client';
import { paths } from '../../lib/paths.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';

/** The two ways to look at what runs. */
export const StackTabs = ({ active }: { active: 'stacks' | 'services' }) => (
  <LinkTabs
    label="What runs"
    active={active}
    tabs={[
      { key: 'stacks', text: 'Stacks', to: paths.stacks() },
      { key: 'services', text: 'Services', to: paths.services() },
    ]}
  />
);
