'use client';
import { routes } from '@portreeve/contract';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Arrivals } from './arrivals.tsx';
import type { MadeToken } from './invitation.ts';
import { JoinCommand } from './join-command.tsx';
import { JoinForm } from './join-form.tsx';
import { JoinTokens } from './join-tokens.tsx';

/** As many as one command lets in: newcomers are the ones that joined last. */
const MOST = 100;

/** One command to paste on a host; the page turns green when the host arrives. */
export const AddNodePage = () => {
  const nodeId = useSearchParams().get('node') ?? undefined;
  const [made, setMade] = useState<MadeToken | null>(null);
  const again = useWatch(
    routes.nodes.get,
    { params: { id: nodeId ?? '' } },
    { enabled: nodeId !== undefined },
  );
  const newest = useWatch(
    routes.nodes.list,
    { query: { sort: 'joinedAt', direction: 'desc', limit: MOST } },
    { enabled: nodeId === undefined },
  );
  const name = again.data?.name;
  const nodes = nodeId === undefined ? (newest.data?.items ?? []) : again.data ? [again.data] : [];
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
        {made === null ? (
          <Panels of="two">
            <Panel title={nodeId ? 'A new key for the same node' : 'What the host will be'}>
              <JoinForm nodeId={nodeId} onMade={setMade} />
            </Panel>
            <JoinTokens />
          </Panels>
        ) : (
          <>
            <JoinCommand made={made} onAgain={() => setMade(null)} />
            <Arrivals made={made} nodes={nodes} />
          </>
        )}
      </Panels>
    </>
  );
};
