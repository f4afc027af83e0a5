'use client';
import type { ServiceView } from '@portreeve/contract';
import { useMemo, useState } from 'react';
import { missing } from '../../ui/action-button.tsx';
import { useListState } from '../../ui/list-state.ts';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import { LogBar } from './log-bar.tsx';
import { matcherOf } from './log-buffer.ts';
import { LogFoot } from './log-foot.tsx';
import { askedFor } from './log-range.ts';
import { LogView } from './log-view.tsx';
import { withMoments } from './moments.ts';
import { useLog } from './use-log.ts';
import { useMoments } from './use-moments.ts';

/** The logs of every task of a service as one, exited tasks too, with their life inside. */
const Logs = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const range = list.read('range') ?? 'live';
  // biome-ignore lint/correctness/useExhaustiveDependencies: a range is counted from when it is chosen
  const now = useMemo(() => Date.now(), [range]);
  const only = list.read('task');
  const asked = askedFor(list, service.changedAt, now);
  const log = useLog({
    ...asked,
    ...(only ? { taskIds: [only] } : { serviceId: service.id }),
  });
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(true);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const find = useMemo(() => matcherOf(text), [text]);
  const moments = useMoments(service);
  const lines = useMemo(() => {
    const shown = hidden.size === 0 ? log.lines : log.lines.filter((line) => !hidden.has(line.slot));
    return withMoments(shown, moments, asked.until);
  }, [log.lines, hidden, moments, asked.until]);
  const hits = useMemo(
    () => (find ? lines.flatMap((line, index) => (line.text.search(find) >= 0 ? [index] : [])) : []),
    [lines, find],
  );
  const linked = list.read('line') ?? null;
  const step = (by: number) => {
    setFollow(false);
    setAt((before) => (hits.length === 0 ? 0 : (before + by + hits.length) % hits.length));
  };
  return (
    <>
      <LogBar
        list={list}
        service={service}
        lines={log.lines}
        text={text}
        onText={(next) => {
          setText(next);
          setAt(0);
        }}
        hits={hits.length}
        at={at}
        onStep={step}
        hidden={hidden}
        onHidden={setHidden}
        wrap={wrap}
        onWrap={setWrap}
      />
      <ProblemNote error={log.error} />
      <LogView
        lines={lines}
        name={service.name}
        find={find}
        at={follow ? null : (hits[at] ?? null)}
        linked={linked}
        wrap={wrap}
        follow={follow && linked === null}
        onFollow={setFollow}
        onLink={(link) => list.filter({ line: link })}
        empty={
          log.state === 'opening' ? 'Asking the hosts…' : 'No line in this range. Choose a longer one above.'
        }
      />
      <LogFoot log={log} shown={lines.length} follow={follow} onFollow={setFollow} />
    </>
  );
};

export const LogsTab = ({ service }: { service: ServiceView }) => {
  const lack = missing(service.may, 'service.logs', `in ${service.projectPath}`);
  if (lack) return <Status tone="held">{lack}</Status>;
  return <Logs service={service} />;
};
