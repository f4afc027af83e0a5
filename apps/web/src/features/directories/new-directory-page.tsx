'use client';
import { paths } from '../../lib/paths.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { SetUp } from './set-up.tsx';

/** Sets up a directory: it is tried before it is kept. */
export const NewDirectoryPage = () => (
  <>
    <PageHead
      crumbs={[
        { text: 'Settings', to: paths.settings() },
        { text: 'Directories', to: paths.settings('directories') },
      ]}
      title="Set up a directory"
      status={<span className="dim">tested before it is kept; it cannot lock you out</span>}
    />
    <SetUp />
  </>
);
