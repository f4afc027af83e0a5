'use client';
import { Button } from '@patternfly/react-core';
import { useNow } from '../../ui/clock.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import { When } from '../../ui/when.tsx';
import type { MadeToken } from './invitation.ts';

const Left = ({ until }: { until: string }) =>
  useNow() < Date.parse(until) ? (
    <>
      shown once; works for <When at={until} /> more
    </>
  ) : (
    'it no longer works: make another'
  );

/** Shown once: what to paste as root on the host. */
export const JoinCommand = ({ made, onAgain }: { made: MadeToken; onAgain: () => void }) => (
  <Panel title="Paste this on the host, as root" aside={<Left until={made.view.expiresAt} />}>
    <CopyBlock label="the join command" text={made.command} />
    <div style={{ margin: '10px 0' }}>
      <Facts
        of={{
          'It trusts': (
            <>
              only the CA with SHA-256 <span className="mono">{made.caSha256}</span>
            </>
          ),
          'It dials': <span className="mono">{made.addresses.join(', ')}</span>,
          For: `${made.view.usesLeft} ${made.view.usesLeft === 1 ? 'host' : 'hosts'} in ${made.view.projectPath}`,
        }}
      />
    </div>
    <Button variant="link" isInline onClick={onAgain}>
      Make another command
    </Button>
  </Panel>
);
