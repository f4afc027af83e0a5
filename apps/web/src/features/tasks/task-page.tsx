'use client';
import { routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { Link } from '../../ui/link.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { TASK_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { ActivityCut } from '../events/activity-cut.tsx';
import { KeptDecision } from '../services/kept-decision.tsx';
import { Exits } from './exits.tsx';
import { Inspect } from './inspect.tsx';
import type { TaskDetail } from './task-detail.ts';
import { TaskStatus } from './task-table.tsx';

const Head = ({ task }: { task: TaskDetail }) => (
  <PageHead
    crumbs={[
      { text: task.serviceName, to: paths.service(task.serviceId) },
      { text: 'Tasks', to: paths.service(task.serviceId) },
    ]}
    title={`${task.serviceName}-${task.slot}`}
    status={<TaskStatus task={task} />}
    meta={
      <>
        <Fact name="revision">
          <Link href={paths.service(task.serviceId, 'configuration', { revision: task.revision })}>
            {task.revision}
          </Link>
        </Fact>
        <Fact name="node">
          {task.node ? <Link href={paths.node(task.node.id)}>{task.node.name}</Link> : 'none yet'}
        </Fact>
        <Fact name="since">
          <When at={task.since} />
        </Fact>
        <Fact name="restarts">{task.restarts}</Fact>
        {task.ports.length > 0 && (
          <Fact name="ports">
            {task.ports.map((port) => `${port.published}→${port.target}/${port.protocol}`).join(', ')}
          </Fact>
        )}
        {task.addresses.length > 0 && (
          <Fact name="addresses">
            <span className="mono">{task.addresses.join(' ')}</span>
          </Fact>
        )}
        <ShortId id={task.id} />
      </>
    }
    actions={
      <>
        <ButtonLink to={paths.service(task.serviceId, 'terminal', { task: task.id })} text="Terminal" />
        <ButtonLink to={paths.service(task.serviceId, 'logs', { task: task.id })} text="Logs" />
      </>
    }
  />
);

/** One task: why it is as it is, how each attempt ended, and why it is on this node. */
export const TaskPage = ({ id }: { id: string }) => {
  const task = useWatch(routes.tasks.get, { params: { id } });
  return (
    <ObjectGate of={task} kind="Task" home={{ text: 'Services', to: paths.services() }}>
      {(data) => (
        <>
          <Head task={data} />
          <Panels>
            {data.reason !== '' && (
              <Panel>
                <Status tone={TASK_TONE[data.health] === 'bad' ? 'bad' : 'held'} wrap>
                  {data.reason}
                </Status>
              </Panel>
            )}
            <Exits task={data} />
            <Panels of="half">
              <KeptDecision kept={data.placement} />
              <Inspect id={id} />
            </Panels>
            <ActivityCut of={{ taskId: id }} />
          </Panels>
        </>
      )}
    </ObjectGate>
  );
};
