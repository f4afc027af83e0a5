import type { NodeView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ReadyBar } from '../../ui/ready-bar.tsx';
import { asSentence } from '../../ui/sentence.ts';
import { Status } from '../../ui/status.tsx';

/** How far a drain is, and what holds it up. */
export const DrainPanel = ({ drain }: { drain: NonNullable<NodeView['drain']> }) => {
  const { moved, total, stuck } = drain;
  return (
    <Panel
      title="Draining"
      aside={stuck.length > 0 ? 'the drain waits, it forces nothing' : 'each replacement is ready first'}
    >
      <p>
        {total === moved ? (
          <Status tone="ok">
            {total === 0 ? 'Nothing was here.' : `All ${total} moved. The host is empty.`}
          </Status>
        ) : (
          <ReadyBar count={{ ready: moved, wanted: total }} />
        )}
      </p>
      {stuck.map((task) => (
        <p key={task.taskId} style={{ marginTop: 6 }}>
          <Status tone="bad" wrap>
            <Link href={paths.task(task.taskId)}>{task.name}</Link> cannot move.{' '}
            <span className="dim">{asSentence(task.reason)}</span>
          </Status>
        </p>
      ))}
    </Panel>
  );
};
