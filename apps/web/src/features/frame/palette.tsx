'use client';
import { Modal, ModalBody, TextInput } from '@patternfly/react-core';
import { SearchIcon } from '@patternfly/react-icons';
import { routes } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { useKeys } from '../../ui/keyboard.ts';
import { useProject } from '../projects/project.ts';
import { useMe } from '../session/signed-in.tsx';
import { PLACES } from './navigation.tsx';
import styles from './palette.module.css';

type Entry = { id: string; text: string; where: string; to: string };

type Todo = { id: string; text: string; permission: Permission; to: (project: string) => string };
const TODO: readonly Todo[] = [
  {
    id: 'deploy',
    text: 'Deploy a new stack',
    permission: 'service.deploy',
    to: (project) => paths.deploy({ project }),
  },
  { id: 'add-node', text: 'Add a node', permission: 'node.join', to: () => paths.addNode() },
  { id: 'grant', text: 'Grant a role', permission: 'grant.edit', to: (project) => paths.grants({ project }) },
  {
    id: 'new-directory',
    text: 'Set up a directory',
    permission: 'directory.edit',
    to: () => paths.newDirectory(),
  },
];

const useEntries = (text: string): Entry[] => {
  const { permissions } = useMe();
  const project = useProject();
  const found = useWatch(routes.overview.search, { query: { q: text } }, { enabled: text.length > 1 });
  const places: Entry[] = [
    ...TODO.filter(({ permission }) => permissions.includes(permission)).map(({ id, text, to }) => ({
      ...{ id, text, where: 'do' },
      to: to(project),
    })),
    ...PLACES.filter((place) => permissions.includes(place.permission)).map((place) => ({
      id: place.to,
      text: place.text,
      where: 'go to',
      to: place.to,
    })),
  ].filter((entry) => entry.text.toLowerCase().includes(text.toLowerCase()));
  const objects = (text.length > 1 ? (found.data?.items ?? []) : []).map((item) => ({
    id: item.id,
    text: item.name,
    where: `${item.kind} ${item.where}`,
    to: item.path,
  }));
  const ask: Entry[] =
    text.length > 1
      ? [
          {
            id: 'who',
            text: `Who runs ${text}?`,
            where: 'services by image',
            to: paths.services({ search: text }),
          },
        ]
      : [];
  return [...objects, ...ask, ...places];
};

const Search = ({ close }: { close: () => void }) => {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const router = useRouter();
  const entries = useEntries(text.trim());
  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    router.push(entry.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') go(entries[at]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(entries.length - 1, at + step)));
  };
  return (
    <>
      <TextInput
        autoFocus
        type="search"
        role="combobox"
        aria-expanded
        aria-controls="palette-results"
        aria-activedescendant={entries[at] ? `palette-${at}` : undefined}
        aria-label="Search or do anything"
        placeholder="A stack, a service, a node, or what to do"
        value={text}
        onKeyDown={onKeyDown}
        onChange={(_, value) => {
          setText(value);
          setAt(0);
        }}
      />
      <div id="palette-results" role="listbox" aria-label="Found" className={styles.results}>
        {entries.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: arrows and Enter work in the field above
          <div
            key={entry.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onMouseMove={() => setAt(index)}
            onClick={() => go(entry)}
          >
            <span>{entry.text}</span>
            <span className="dim">{entry.where}</span>
          </div>
        ))}
      </div>
    </>
  );
};

/** `Ctrl-K` from anywhere: go to a thing by name, or do something. */
export const Palette = () => {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  useKeys({ '?': () => setOpen(true) });
  return (
    <>
      <button type="button" className={styles.field} onClick={() => setOpen(true)}>
        <SearchIcon aria-hidden />
        <span>Search or do anything</span>
        <kbd>Ctrl K</kbd>
      </button>
      {open && (
        <Modal isOpen variant="small" position="top" aria-label="Search" onClose={() => setOpen(false)}>
          <ModalBody>
            <Search close={() => setOpen(false)} />
            <p className="dim" style={{ marginTop: 8, fontSize: 12.5 }}>
              In lists: <kbd>j</kbd> <kbd>k</kbd> next and previous row, <kbd>Enter</kbd> opens, <kbd>/</kbd>{' '}
              filters.
            </p>
          </ModalBody>
        </Modal>
      )}
    </>
  );
};
