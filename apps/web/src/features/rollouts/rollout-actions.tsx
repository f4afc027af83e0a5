'use client';
import { type RolloutSummary, routes } from '@portreeve/contract';
import { rolloutCan } from '@portreeve/domain';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';

type Props = { rollout: RolloutSummary; lack: string | undefined; withAbort?: boolean };
const sides = (rollout: RolloutSummary): string => {
  const rest = rollout.slots - rollout.turned;
  const old = rollout.fromRevision === null ? 'not started' : `on ${rollout.fromRevision}`;
  return `${rollout.turned} on revision ${rollout.toRevision}, ${rest} ${old}`;
};

/** What an abort does. */
export const abortSentence = (rollout: RolloutSummary): string =>
  `Ends the rollout and leaves what runs as it is: ${sides(rollout)}. To go back, use Undo instead.`;

/** Pause, resume, abort: each says before what it will do. */
export const RolloutActions = ({ rollout, lack, withAbort }: Props) => {
  const pause = useAction(routes.rollouts.pause);
  const resume = useAction(routes.rollouts.resume);
  const abort = useAction(routes.rollouts.abort);
  const params = { id: rollout.id };
  return (
    <>
      {rolloutCan('pause', rollout.state) && (
        <Confirm label="Pause" disabledReason={lack} run={() => pause.mutateAsync({ params })}>
          Finishes the slots under way and turns no further one: {sides(rollout)}. Resume carries on from
          there.
        </Confirm>
      )}
      {rolloutCan('resume', rollout.state) && (
        <Confirm label="Resume" disabledReason={lack} run={() => resume.mutateAsync({ params })}>
          Carries on with {rollout.slots - rollout.turned} of {rollout.slots} slots towards revision{' '}
          {rollout.toRevision}.{rollout.reason && ` It was paused: ${rollout.reason}`}
        </Confirm>
      )}
      {withAbort && rolloutCan('abort', rollout.state) && (
        <Confirm label="Abort" danger disabledReason={lack} run={() => abort.mutateAsync({ params })}>
          {abortSentence(rollout)}
        </Confirm>
      )}
    </>
  );
};
