'use client';
import {
  Button,
  MenuFooter,
  MenuSearch,
  MenuSearchInput,
  SearchInput,
  Select,
  SelectList,
  SelectOption,
} from '@patternfly/react-core';
import { AngleDownIcon, FolderOpenIcon } from '@patternfly/react-icons';
import { routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { useChooseProject, useProject } from './project.ts';
import styles from './project-switcher.module.css';

/** More than these are found by their names. */
const MOST = 50;
const depthOf = (path: string) => (path === '/' ? 0 : path.split('/').length - 1);

/** Scopes every list below it. */
export const ProjectSwitcher = () => {
  const [open, setOpen] = useState(false);
  const project = useProject();
  const choose = useChooseProject();
  const router = useRouter();
  const [search, setSearch] = useState('');
  const { data } = useWatch(routes.projects.list, { query: { limit: MOST, search: search || undefined } });
  const searchable = search !== '' || data?.next !== undefined;
  const items = [...(data?.items ?? [])].sort((a, b) => a.path.localeCompare(b.path));
  const more = (data?.total ?? 0) - items.length;
  return (
    <Select
      isOpen={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (!next) setSearch('');
      }}
      selected={project}
      isScrollable
      maxMenuHeight="min(60vh, 480px)"
      popperProps={{ maxWidth: 'min(480px, calc(100vw - 48px))' }}
      onSelect={(_, value) => {
        setOpen(false);
        setSearch('');
        choose(String(value));
      }}
      toggle={(ref) => (
        <button
          ref={ref}
          type="button"
          className={styles.toggle}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <FolderOpenIcon aria-hidden />
          <span>
            <small>Project</small>
            {project === '/' ? 'everything' : project}
          </span>
          <AngleDownIcon aria-hidden />
        </button>
      )}
    >
      {searchable && (
        <MenuSearch>
          <MenuSearchInput>
            <SearchInput
              aria-label="Find a project"
              placeholder="Find a project"
              value={search}
              onChange={(_, value) => setSearch(value)}
              onClear={() => setSearch('')}
            />
          </MenuSearchInput>
        </MenuSearch>
      )}
      <SelectList>
        {data && items.length === 0 && <SelectOption isDisabled>No project is named like that.</SelectOption>}
        {items.map((item) => (
          <SelectOption
            key={item.id}
            value={item.path}
            description={item.path === '/' ? undefined : item.displayName || undefined}
          >
            <span style={{ paddingInlineStart: depthOf(item.path) * 14 }}>
              {item.path === '/' ? 'everything' : item.path}
            </span>
          </SelectOption>
        ))}
      </SelectList>
      <MenuFooter>
        {more > 0 && <p className="dim">{more} more: find them by name.</p>}
        <Button
          variant="link"
          isInline
          onClick={() => {
            setOpen(false);
            router.push(paths.projects());
          }}
        >
          All projects…
        </Button>
      </MenuFooter>
    </Select>
  );
};
