import type { ImagePin, ServiceSpec } from '@portreeve/domain';

/** An undo goes back a few revisions in practice: the images of so many stay on the hosts that ran them. */
export const KEPT_REVISIONS = 5;

type Kept = { number: number; newest: number; pin: ImagePin; pullPolicy: ServiceSpec['pullPolicy'] };

/**
 * Whether hosts that run the service keep the image of this revision however full their disks are. Those of the newest
 * revisions, so that an undo is fast; and of every revision whose image no host could pull again, because it exists
 * only there or the service forbids it. Any other is pulled again by its digest, before a task is stopped.
 */
export const keepsImage = ({ number, newest, pin, pullPolicy }: Kept): boolean =>
  number > newest - KEPT_REVISIONS || pin.kind === 'local' || pullPolicy === 'never';
