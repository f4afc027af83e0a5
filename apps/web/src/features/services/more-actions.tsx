'use client';
import { routes, type ServiceView } from '@portreeve/contract';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { ActionMenu, type MenuAction } from '../../ui/action-menu.tsx';
import { abortSentence } from '../rollouts/rollout-actions.tsx';

const useStopOrStart = (service: ServiceView, disabledReason: string | undefined): MenuAction => {
  const stop = useAction(routes.services.stop);
  const start = useAction(routes.services.start);
  const params = { id: service.id };
  if (service.desired === 'stopped')
    return {
      label: 'Start',
      disabledReason,
      run: () => start.mutateAsync({ params }),
      sentence: `Starts ${service.replicas} tasks of ${service.name}, revision ${service.revision}.`,
    };
  return {
    label: 'Stop',
    disabledReason,
    run: () => stop.mutateAsync({ params }),
    sentence: `Stops all ${service.count.wanted} tasks of ${service.name}; nobody is answered until it is started again. Its revision, replicas, volumes and files stay.${service.activeRollout ? ' Its rollout is paused, and goes on when it is started.' : ''}`,
  };
};

/** Restart, stop or start, re-pull, and the end of a rollout. */
export const MoreActions = ({ service }: { service: ServiceView }) => {
  const where = `in ${service.projectPath}`;
  const mayNotStop = missing(service.may, 'service.stop', where);
  const mayNotDeploy = missing(service.may, 'service.deploy', where);
  const restart = useAction(routes.services.restart);
  const repull = useAction(routes.services.repull);
  const abort = useAction(routes.rollouts.abort);
  const params = { id: service.id };
  const { activeRollout: rollout } = service;
  const actions: (MenuAction | false | null)[] = [
    {
      label: 'Restart',
      disabledReason: mayNotStop,
      run: () => restart.mutateAsync({ params }),
      sentence: `Replaces each of the ${service.count.wanted} tasks of ${service.name} by a new one of the same revision, as its update policy says. It shows as a rollout and can be paused.`,
    },
    useStopOrStart(service, mayNotStop),
    service.digest !== null && {
      label: 'Re-pull',
      disabledReason: mayNotDeploy,
      run: () => repull.mutateAsync({ params }),
      sentence: `Asks the registry what ${service.image} is now. If it moved, a new revision is made and rolled; if not, nothing happens.`,
    },
    rollout && {
      label: 'Abort rollout',
      danger: true,
      disabledReason: mayNotDeploy,
      run: () => abort.mutateAsync({ params: { id: rollout.id } }),
      sentence: abortSentence(rollout),
    },
  ];
  return <ActionMenu label={`More for ${service.name}`} actions={actions.flatMap((each) => each || [])} />;
};
