'use client';
import { MenuToggle, SearchInput, Select, SelectList, SelectOption } from '@patternfly/react-core';
import { type EventView, routes } from '@portreeve/contract';
import { useState } from 'react';
import { useWatch } from '../../live/queries.ts';
import type { ListState } from '../../ui/list-state.ts';
import { shorten } from '../../ui/short-id.tsx';
import styles from './activity.module.css';

/** The query's names for the kinds of objects that a timeline can be cut by. */
export const OBJECT_KEYS = {
  stack: 'stackId',
  service: 'serviceId',
  task: 'taskId',
  node: 'nodeId',
  rollout: 'rolloutId',
} as const;
type Kind = keyof typeof OBJECT_KEYS;
const KINDS = Object.keys(OBJECT_KEYS) as Kind[];
const isKind = (kind: string): kind is Kind => kind in OBJECT_KEYS;

const Chosen = ({ list, kind, events }: { list: ListState; kind: Kind; events: readonly EventView[] }) => {
  const id = list.read(OBJECT_KEYS[kind]) ?? '';
  const name = events.find(({ object }) => object?.id === id)?.object?.name;
  return (
    <span className={styles.chip}>
      {kind} {name || shorten(id)}
      <button
        type="button"
        className="quiet"
        aria-label={`Not only ${kind} ${name || shorten(id)}`}
        onClick={() => list.filter({ [OBJECT_KEYS[kind]]: undefined })}
      >
        ×
      </button>
    </span>
  );
};

const Chooser = ({ list }: { list: ListState }) => {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const found = useWatch(routes.overview.search, { query: { q: text } }, { enabled: text.length > 1 });
  const items = text.length > 1 ? (found.data?.items ?? []).filter((item) => isKind(item.kind)) : [];
  return (
    <Select
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={(_, value) => {
        const item = items.find((each) => each.id === value);
        if (!item || !isKind(item.kind)) return;
        setOpen(false);
        setText('');
        list.filter({ [OBJECT_KEYS[item.kind]]: item.id });
      }}
      toggle={(ref) => (
        <MenuToggle ref={ref} size="sm" isExpanded={open} onClick={() => setOpen(!open)}>
          Of one object
        </MenuToggle>
      )}
    >
      <SearchInput
        aria-label="Find a stack, service or node"
        placeholder="Find a stack, service or node"
        value={text}
        onChange={(_, value) => setText(value)}
        onClear={() => setText('')}
      />
      <SelectList>
        {items.map((item) => (
          <SelectOption key={item.id} value={item.id} description={`${item.kind} in ${item.where}`}>
            {item.name}
          </SelectOption>
        ))}
        {items.length === 0 && (
          <SelectOption isDisabled value="">
            {text.length > 1 ? 'Nothing of that name' : 'Type two letters of its name'}
          </SelectOption>
        )}
      </SelectList>
    </Select>
  );
};

/** What the timeline is cut by: one object, chosen by name or by the link that led here. */
export const ObjectFilter = ({ list, events }: { list: ListState; events: readonly EventView[] }) => (
  <>
    {KINDS.filter((kind) => list.read(OBJECT_KEYS[kind])).map((kind) => (
      <Chosen key={kind} list={list} kind={kind} events={events} />
    ))}
    <Chooser list={list} />
  </>
);
