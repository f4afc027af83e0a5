'use client';
import {
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadMain,
  MastheadToggle,
  Page,
  PageSidebar,
  PageSidebarBody,
  PageToggleButton,
  SkipToContent,
} from '@patternfly/react-core';
import { BarsIcon } from '@patternfly/react-icons';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { Brand } from '../../ui/brand.tsx';
import { Link } from '../../ui/link.tsx';
import { CONTENT_ID } from '../../ui/link-tabs.tsx';
import { ProjectSwitcher } from '../projects/project-switcher.tsx';
import { useMe } from '../session/signed-in.tsx';
import styles from './frame.module.css';
import { Held } from './held.tsx';
import { LiveMark } from './live-mark.tsx';
import { Navigation } from './navigation.tsx';
import { Palette } from './palette.tsx';
import { PersonMenu } from './person-menu.tsx';
import { ThemeButton } from './theme-button.tsx';
import { Tray } from './tray.tsx';

const Top = () => {
  const { cluster } = useMe();
  return (
    <Masthead className={styles.mast}>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton variant="plain" aria-label="Navigation">
            <BarsIcon />
          </PageToggleButton>
        </MastheadToggle>
        <MastheadBrand>
          <Link href={paths.overview()} title="Overview" style={{ textDecoration: 'none' }}>
            <Brand />
          </Link>
          <span className={`${styles.cluster} ${styles[cluster.color] ?? styles.gray}`}>{cluster.name}</span>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <div className={styles.tools}>
          <Palette />
          <LiveMark />
          <Tray />
          <ThemeButton />
          <PersonMenu />
        </div>
      </MastheadContent>
    </Masthead>
  );
};

/** What surrounds every page of the console. */
export const Frame = ({ children }: { children: ReactNode }) => (
  <Page
    className={styles.page}
    isManagedSidebar
    mainContainerId={CONTENT_ID}
    skipToContent={<SkipToContent href={`#${CONTENT_ID}`}>Skip to content</SkipToContent>}
    masthead={<Top />}
    sidebar={
      <PageSidebar>
        <PageSidebarBody>
          <ProjectSwitcher />
          <Navigation />
        </PageSidebarBody>
      </PageSidebar>
    }
  >
    <div className={styles.main}>
      <Held />
      {children}
    </div>
  </Page>
);
