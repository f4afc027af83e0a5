'use client';
import { type NodeView, routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { ActionMenu } from '../../ui/action-menu.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { DrainPreview } from './drain-preview.tsx';
import { EditNode } from './edit-node.tsx';

const Availability = ({ node }: { node: NodeView }) => {
  const cordon = useAction(routes.nodes.cordon);
  const uncordon = useAction(routes.nodes.uncordon);
  const drain = useAction(routes.nodes.drain);
  const params = { id: node.id };
  const disabledReason = missing(node.may, 'node.drain', `in ${node.projectPath}`);
  return (
    <>
      {node.availability === 'active' && (
        <Confirm label="Cordon" disabledReason={disabledReason} run={() => cordon.mutateAsync({ params })}>
          {node.name} takes no new tasks. The {node.tasks} that run there stay.
        </Confirm>
      )}
      {node.availability !== 'active' && (
        <Confirm
          label={node.availability === 'draining' ? 'Stop drain' : 'Uncordon'}
          disabledReason={disabledReason}
          run={() => (node.availability === 'draining' ? cordon : uncordon).mutateAsync({ params })}
        >
          {node.availability === 'draining'
            ? `What has moved stays where it is, the ${node.tasks} tasks left stay here, and ${node.name} stays cordoned.`
            : `${node.name} takes tasks again. Nothing moves back by itself; the next placements may choose it.`}
        </Confirm>
      )}
      {node.availability !== 'draining' && (
        <Confirm
          label="Drain"
          title={`Drain ${node.name}`}
          disabledReason={disabledReason}
          run={() => drain.mutateAsync({ params })}
        >
          <DrainPreview id={node.id} />
        </Confirm>
      )}
    </>
  );
};

/** What can be done with a node. */
export const NodeActions = ({ node }: { node: NodeView }) => {
  const remove = useAction(routes.nodes.remove);
  const router = useRouter();
  return (
    <>
      <Availability node={node} />
      <EditNode node={node} />
      <ActionMenu
        label="More actions"
        actions={[
          {
            label: 'New join token',
            title: `Let ${node.name} join again`,
            disabledReason: missing(node.may, 'node.join', `in ${node.projectPath}`),
            run: async () => router.push(paths.addNode({ node: node.id })),
            sentence:
              'For a host that lost its key. Leads to a command that works for this node only; its id, labels and volumes stay.',
          },
          {
            label: 'Remove',
            title: `Remove ${node.name}`,
            danger: true,
            typeName: node.name,
            disabledReason: missing(node.may, 'node.remove', `in ${node.projectPath}`),
            run: () => remove.mutateAsync({ params: { id: node.id } }),
            onDone: () => router.push(paths.nodes()),
            sentence: `Revokes its certificate at once. Its ${node.tasks} tasks are lost to the cluster and replaced elsewhere where that is possible; containers and volumes stay on the host, unmanaged. Drain it first to move the tasks without a gap.`,
          },
        ]}
      />
    </>
  );
};
