'use client';
import { Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

/** Where the page of a tab is shown. */
export const CONTENT_ID = 'content';

export type LinkTab = { key: string; text: string; to: string };

/** Tabs that are places: each has a URL, opens in a new tab of the browser, and comes back with Back. */
export const LinkTabs = ({
  label,
  tabs,
  active,
}: {
  label: string;
  tabs: readonly LinkTab[];
  active: string;
}) => {
  const router = useRouter();
  // PatternFly measures the accent line once, and our font may come after that.
  useEffect(() => {
    void document.fonts.ready.then(() => window.dispatchEvent(new Event('resize')));
  }, []);
  return (
    <Tabs activeKey={active} aria-label={label} component="nav" className="tabs">
      {tabs.map((tab) => (
        <Tab
          key={tab.key}
          eventKey={tab.key}
          href={tab.to}
          tabContentId={CONTENT_ID}
          title={<TabTitleText>{tab.text}</TabTitleText>}
          onClick={(event: React.MouseEvent) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            router.push(tab.to);
          }}
        />
      ))}
    </Tabs>
  );
};
