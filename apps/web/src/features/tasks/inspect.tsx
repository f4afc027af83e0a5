'use client';
import { routes } from '@portreeve/contract';
import { useState } from 'react';
import { useWatch } from '../../live/queries.ts';
import { CodeText } from '../../ui/code-text.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Panel } from '../../ui/panel.tsx';

const Answer = ({ id }: { id: string }) => {
  const inspect = useWatch(routes.tasks.inspect, { params: { id } });
  return (
    <Gate of={inspect} lines={8}>
      {(data) => <CodeText text={data.json} />}
    </Gate>
  );
};

/** What the engine says of the container; asked of the host when somebody wants to know. */
export const Inspect = ({ id }: { id: string }) => {
  const [open, setOpen] = useState(false);
  return (
    <Panel
      title="At the engine"
      aside={
        <button type="button" className="quiet" onClick={() => setOpen(!open)}>
          {open ? 'Hide' : 'Ask the host'}
        </button>
      }
    >
      {open ? (
        <Answer id={id} />
      ) : (
        <span className="dim">The container as its engine has it, without secrets.</span>
      )}
    </Panel>
  );
};
