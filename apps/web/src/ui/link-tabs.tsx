'use client';
import { Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';

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
  const place = useRef<HTMLDivElement>(null);
  // PatternFly measures the accent line once, and our font may come after that.
  useEffect(() => {
    void document.fonts.ready.then(() => window.dispatchEvent(new Event('resize')));
  }, []);
  // Where there is no room for all of them, the one that is open is among those in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked for anew when another one is open
  useEffect(() => {
    const list = place.current?.querySelector('.pf-v6-c-tabs__list');
    if (!list) return;
    const watcher = new ResizeObserver(() => {
      const open = list.querySelector<HTMLElement>('.pf-m-current');
      if (open) list.scrollLeft = open.offsetLeft - (list.clientWidth - open.offsetWidth) / 2;
    });
    watcher.observe(list);
    return () => watcher.disconnect();
  }, [active]);
  return (
    <div ref={place}>
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
    </div>
  );
};
