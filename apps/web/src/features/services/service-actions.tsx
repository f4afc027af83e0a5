'use client';
import { routes, type ServiceView } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { ButtonLink } from '../../ui/button-link.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { RolloutActions } from '../rollouts/rollout-actions.tsx';
import { MoreActions } from './more-actions.tsx';
import { ScaleAction } from './scale-action.tsx';

/** Why a service's button is off. */
export const lacks = (service: ServiceView, permission: Permission): string | undefined =>
  missing(service.may, permission, `in ${service.projectPath}`);

const Undo = ({ service }: { service: ServiceView }) => {
  const roll = useAction(routes.services.roll);
  const to = service.undoTo;
  if (!to) return null;
  const from = service.activeRollout?.toRevision ?? service.revision;
  return (
    <Confirm
      label={`Undo to ${to.number}`}
      disabledReason={lacks(service, 'service.deploy')}
      run={() => roll.mutateAsync({ params: { id: service.id }, body: { revision: to.number } })}
    >
      Rolls {service.name} back from revision {from} to {to.number}, by its update policy:{' '}
      {service.count.wanted} {service.count.wanted === 1 ? 'task is' : 'tasks are'} replaced.{' '}
      {service.activeRollout ? 'The rollout under way is superseded. ' : ''}
      Revision {from} stays in the list, so this can be undone too.
    </Confirm>
  );
};

/** The buttons of a service, the likeliest first. */
export const ServiceActions = ({ service }: { service: ServiceView }) => (
  <>
    {service.activeRollout && (
      <RolloutActions rollout={service.activeRollout} lack={lacks(service, 'service.deploy')} />
    )}
    <Undo service={service} />
    {service.mode === 'replicated' && <ScaleAction service={service} />}
    <ButtonLink to={paths.deploy({ stack: service.stackId })} text="Deploy" primary />
    <MoreActions service={service} />
  </>
);
