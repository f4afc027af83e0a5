import type { NodeView } from '@portreeve/contract';
import { formatDuration } from '@portreeve/domain';
import type { ReactNode } from 'react';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';

const SKEW_WORTH_SAYING_MS = 1_000;

const certificate = (expiresAt: string | null): ReactNode => {
  if (!expiresAt) return 'none';
  if (Date.parse(expiresAt) < Date.now())
    return (
      <Status tone="bad">
        expired <When at={expiresAt} as="ago" />
      </Status>
    );
  return (
    <>
      expires <When at={expiresAt} as="until" />, renews itself at two thirds of its life
    </>
  );
};
const clock = (skewMs: number | null): ReactNode => {
  if (skewMs === null) return 'not known';
  const words = `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} the server`;
  return Math.abs(skewMs) < SKEW_WORTH_SAYING_MS ? words : <Status tone="warn">{words}</Status>;
};

/** The agent's connection: what is known of it, also when it is away. */
export const linkFacts = ({ link, lastSeenAt }: NodeView): Record<string, ReactNode> => ({
  Connected: link.connectedSince ? (
    <>
      for <When at={link.connectedSince} />
    </>
  ) : (
    'no'
  ),
  'Last heard': lastSeenAt ? <When at={lastSeenAt} as="ago" /> : 'never',
  'To server': link.serverId ? <ShortId id={link.serverId} /> : 'none',
  'Last error': link.lastError || 'none',
  'Last closed': link.closeReason || 'not known',
  Certificate: certificate(link.certificateExpiresAt),
  Clock: clock(link.clockSkewMs),
  'Lease until': link.leaseUntil ? <When at={link.leaseUntil} as="clock" /> : 'no lease',
  'Desired state':
    link.appliedGeneration >= link.generation
      ? `generation ${link.generation}, applied`
      : `generation ${link.generation}, it has applied ${link.appliedGeneration}`,
});
