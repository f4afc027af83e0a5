'use client';
import { routes, type ServiceView } from '@portreeve/contract';
import { isFinal } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { Gate } from '../../ui/gate.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { RolloutPanel } from '../rollouts/rollout-panel.tsx';
import { Failures } from '../tasks/failures.tsx';
import { TaskTable } from '../tasks/task-table.tsx';
import { byUrgency } from '../tasks/task-words.ts';

const Waiting = ({ service }: { service: ServiceView }) => {
  // The rule of a rollout says what it waits for.
  if (service.activeRollout?.state === 'paused') return null;
  const lines = [...service.waitingOn, ...(service.activeRollout ? [] : [service.next])].filter(
    (line) => line !== '',
  );
  const calm = service.state === 'healthy' || service.state === 'complete' || service.state === 'stopped';
  if (lines.length === 0 || (calm && service.waitingOn.length === 0)) return null;
  return (
    <Panel title="Waiting on">
      {lines.map((line) => (
        <div key={line}>
          <Status tone="held" wrap>
            {line}
          </Status>
        </div>
      ))}
    </Panel>
  );
};

const Ended = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const tasks = useWatch(routes.services.tasks, {
    params: { id: service.id },
    query: { ...list.query, ended: 'yes' },
  });
  return (
    <Gate of={tasks}>
      {(data) => (
        <TaskTable
          rows={data.items.filter((task) => isFinal(task.state))}
          label="Ended tasks"
          list={list}
          next={data.next}
          empty={<span className="dim">No task has ended within the time that they are kept.</span>}
        />
      )}
    </Gate>
  );
};

export const TasksTab = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const ended = list.read('ended') === 'yes';
  const running = service.tasks.filter((task) => !isFinal(task.state)).sort(byUrgency);
  const flip = (
    <button type="button" className="quiet" onClick={() => list.filter({ ended: ended ? undefined : 'yes' })}>
      {ended ? 'Running' : 'Ended ones'}
    </button>
  );
  return (
    <Panels>
      {service.activeRollout && <RolloutPanel rollout={service.activeRollout} />}
      {service.failures.length > 0 && (
        <Panel title="Why it fails">
          <Failures of={service.failures} serviceId={service.id} />
        </Panel>
      )}
      <Waiting service={service} />
      <Panel
        title={ended ? 'Ended tasks' : 'Tasks'}
        aside={
          ended ? (
            flip
          ) : (
            <>
              {running.length}, changing first · {flip}
            </>
          )
        }
      >
        {ended ? (
          <Ended service={service} />
        ) : (
          <TaskTable
            rows={running}
            empty={
              <Teach
                title={service.desired === 'stopped' ? 'Stopped' : 'No task'}
                action={<ButtonLink to={paths.service(service.id, 'placement')} text="See placement" />}
              >
                {service.desired === 'stopped'
                  ? 'Start brings its tasks back as they were.'
                  : 'If some are wished for and none is here, Placement says which node lacks what.'}
              </Teach>
            }
          />
        )}
      </Panel>
    </Panels>
  );
};
