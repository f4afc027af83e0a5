'use client';
import { routes } from '@portreeve/contract';
import type { ExitRecord } from '@portreeve/domain';
import { formatDuration } from '@portreeve/domain';
import { useState } from 'react';
import { useWatch } from '../../live/queries.ts';
import { plainText } from '../../ui/ansi.ts';
import { Gate } from '../../ui/gate.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import styles from './exits.module.css';
import type { TaskDetail } from './task-detail.ts';

const ENDED_BY: Record<ExitRecord['endedBy'], string> = {
  itself: 'ended by itself',
  portreeve: 'stopped by the console',
  'health-check': 'stopped because its health check failed',
  outside: 'stopped by somebody at the engine',
  engine: 'ended with the engine',
};

const HostLog = ({ taskId, attempt }: { taskId: string; attempt: number }) => {
  const log = useWatch(routes.tasks.exitLog, { params: { id: taskId, attempt } });
  return (
    <Gate of={log} lines={4}>
      {(data) =>
        data.found ? (
          <pre className={styles.tail}>{plainText(data.text)}</pre>
        ) : (
          <p className="dim">The host no longer has it; the end above is all that is kept.</p>
        )
      }
    </Gate>
  );
};

const Exit = ({ task, exit }: { task: TaskDetail; exit: ExitRecord }) => {
  const [whole, setWhole] = useState(false);
  const clean = exit.exitCode === 0 || exit.endedBy === 'portreeve';
  const lived = exit.startedAt ? Date.parse(exit.endedAt) - Date.parse(exit.startedAt) : null;
  return (
    <div className={styles.exit}>
      <div className={styles.line}>
        <Status tone={clean ? 'off' : 'bad'} wrap>
          <b>
            attempt {exit.attempt}:{' '}
            {exit.outOfMemory ? 'out of memory' : `exit ${exit.exitCode ?? exit.signal ?? '?'}`}
          </b>
        </Status>
        <span>{exit.reason || ENDED_BY[exit.endedBy]}</span>
        <span className="dim">
          <When at={exit.endedAt} as="ago" />
          {lived !== null && `, after ${formatDuration(lived)}`}, {ENDED_BY[exit.endedBy]}
        </span>
        <button type="button" className="quiet" onClick={() => setWhole(!whole)}>
          {whole ? 'Only the end' : 'Last 64 KiB from the host'}
        </button>
      </div>
      {exit.healthOutput && <pre className={styles.tail}>health check: {plainText(exit.healthOutput)}</pre>}
      {whole ? (
        <HostLog taskId={task.id} attempt={exit.attempt} />
      ) : (
        exit.logTail !== '' && <pre className={styles.tail}>{plainText(exit.logTail)}</pre>
      )}
    </div>
  );
};

/** How each attempt ended: code, who ended it, and its last words. */
export const Exits = ({ task }: { task: TaskDetail }) => (
  <Panel title="Exits" aside={`${task.exits.length} kept, newest first`}>
    {task.exits.length === 0 && <span className="dim">It has not ended once.</span>}
    {[...task.exits]
      .sort((a, b) => b.attempt - a.attempt)
      .map((exit) => (
        <Exit key={exit.attempt} task={task} exit={exit} />
      ))}
  </Panel>
);
