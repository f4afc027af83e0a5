'use client';
import { routes } from '@portreeve/contract';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Arrivals } from './arrivals.tsx';
import type { Invitation } from './invitation.ts';
import { JoinCommand } from './join-command.tsx';
import { JoinForm } from './join-form.tsx';
import { JoinTokens } from './join-tokens.tsx';

const MOST = 500;

/** One command to paste on a host; the page turns green when the host arrives. */
export const AddNodePage = () => {
  const nodeId = useSearchParams().get('node') ?? undefined;
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const nodes = useWatch(routes.nodes.list, { query: { limit: MOST } });
  const items = nodes.data?.items ?? [];
  const name = items.find((node) => node.id === nodeId)?.name;
  return (
    <>
      <PageHead
        crumbs={[
          { text: 'Nodes', to: paths.nodes() },
          ...(nodeId && name ? [{ text: name, to: paths.node(nodeId) }] : []),
        ]}
        title={nodeId ? `Let ${name ?? 'this node'} join again` : 'Add node'}
      />
      <Panels>
        {invitation === null ? (
          <Panels of="two">
            <Panel title={nodeId ? 'A new key for the same node' : 'What the host will be'}>
              <JoinForm
                nodeId={nodeId}
                ready={nodes.data !== undefined}
                onMade={(made) => setInvitation({ made, known: new Set(items.map((node) => node.id)) })}
              />
            </Panel>
            <JoinTokens />
          </Panels>
        ) : (
          <>
            <JoinCommand made={invitation.made} onAgain={() => setInvitation(null)} />
            <Arrivals invitation={invitation} nodes={items} />
          </>
        )}
      </Panels>
    </>
  );
};
