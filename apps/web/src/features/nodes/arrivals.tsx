'use client';
import type { NodeSummary } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import styles from './arrivals.module.css';
import type { MadeToken } from './invitation.ts';
import { NodeStatus } from './node-columns.tsx';
import { nodeStatus } from './node-words.ts';

/** Both times are the server's. */
const arrivedOf = ({ view }: MadeToken, nodes: readonly NodeSummary[]): NodeSummary[] =>
  view.nodeId
    ? nodes.filter((node) => node.id === view.nodeId && node.agentConnected)
    : nodes.filter((node) => node.joinedAt >= view.createdAt);

/** Waits for who was invited and shows each as it comes; green when all are ready. */
export const Arrivals = ({ made, nodes }: { made: MadeToken; nodes: readonly NodeSummary[] }) => {
  const arrived = arrivedOf(made, nodes);
  const awaited = Math.max(1, made.view.usesLeft);
  const ready = arrived.filter((node) => nodeStatus(node)[0] === 'ok').length;
  const done = ready >= awaited;
  return (
    <Panel
      className={done ? styles.done : ''}
      title={done ? 'Here it is' : 'Waiting for the host'}
      aside={awaited > 1 ? `${ready} of ${awaited} ready` : undefined}
    >
      <div role="status" className={styles.rows}>
        {arrived.map((node) => (
          <p key={node.id}>
            <Link href={paths.node(node.id)}>
              <b>{node.name}</b>
            </Link>{' '}
            <NodeStatus node={node} /> <span className="dim">{node.why}</span>
          </p>
        ))}
        {arrived.length < awaited && (
          <Status tone="busy" wrap>
            Nothing has called yet. This page turns green by itself when the host arrives; you can leave it,
            too.
          </Status>
        )}
        {done && <ButtonLink to={paths.nodes()} text="All nodes" primary />}
      </div>
    </Panel>
  );
};
