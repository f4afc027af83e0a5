'use client';
import { Button, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import type { ServiceView, TaskView } from '@portreeve/contract';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { ActionButton, missing } from '../../ui/action-button.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';

const TerminalView = dynamic(() => import('./terminal-view.tsx').then((module) => module.TerminalView), {
  ssr: false,
});

const words = (task: TaskView) =>
  `slot ${task.slot} on ${task.node?.name ?? 'no node'}, revision ${task.revision}`;
/** `sh -c "echo a b"` → its words; quotes keep words together. */
export const splitCommand = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');

/** A shell in one of the service's containers. */
export const TerminalTab = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const running = service.tasks.filter((task) => task.state === 'running').sort((a, b) => a.slot - b.slot);
  const taskId = list.read('task') ?? running[0]?.id;
  const [command, setCommand] = useState('');
  const [session, setSession] = useState<{ key: number; taskId: string; command: string[] } | null>(null);
  const lack = missing(service.may, 'service.exec', `in ${service.projectPath}`);
  const notNow = lack ?? (taskId ? undefined : 'No task is running, so there is no container to enter.');
  return (
    <Panel
      title="Terminal"
      aside="what is typed here runs in the container; its beginning and end are in the audit"
    >
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap', alignItems: 'center', marginBottom: 8 }}>
        <span style={{ inlineSize: 280 }}>
          <FormSelect
            aria-label="Task"
            value={taskId ?? ''}
            onChange={(_, value) => list.filter({ task: value })}
          >
            {running.map((task) => (
              <FormSelectOption key={task.id} value={task.id} label={words(task)} />
            ))}
          </FormSelect>
        </span>
        <span style={{ inlineSize: 260 }}>
          <TextInput
            aria-label="Command"
            placeholder="a shell, or another command"
            value={command}
            onChange={(_, value) => setCommand(value)}
          />
        </span>
        <ActionButton
          variant="primary"
          disabledReason={notNow}
          onClick={() => taskId && setSession({ key: Date.now(), taskId, command: splitCommand(command) })}
        >
          {session ? 'Open anew' : 'Open'}
        </ActionButton>
        {session && (
          <Button variant="link" size="sm" onClick={() => setSession(null)}>
            Close
          </Button>
        )}
      </div>
      {session ? (
        <TerminalView key={session.key} taskId={session.taskId} command={session.command} />
      ) : (
        <Status tone="off">Nothing is open.</Status>
      )}
    </Panel>
  );
};
