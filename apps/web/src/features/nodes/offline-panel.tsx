import type { NodeView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import { When } from '../../ui/when.tsx';
import { linkFacts } from './link-facts.tsx';

/** What to look at on the host, in the order in which it usually is. */
const hintOf = ({ link }: NodeView): string => {
  if (link.certificateExpiresAt && Date.parse(link.certificateExpiresAt) < Date.now())
    return 'Its certificate has expired, so it is refused. Make a new join token for this node and paste the command on the host: id, labels and volumes stay.';
  return 'Is the host up, and can it reach the addresses it dials? On the host: systemctl status portreeve-agent. If it lost its key, make a new join token for this node: id, labels and volumes stay.';
};

/** Why a node is offline: all that is known, and what to do. */
export const OfflinePanel = ({ node }: { node: NodeView }) => (
  <Panel
    title="Why it is offline"
    aside={
      node.lastSeenAt ? (
        <>
          last heard <When at={node.lastSeenAt} as="ago" />
        </>
      ) : (
        'never heard'
      )
    }
  >
    <p style={{ marginBottom: 6 }}>{node.why}</p>
    <Facts of={linkFacts(node)} />
    <p className="dim" style={{ margin: '8px 0' }}>
      {hintOf(node)}
    </p>
    {node.may['node.join'] && <ButtonLink to={paths.addNode({ node: node.id })} text="New join token" />}
  </Panel>
);
