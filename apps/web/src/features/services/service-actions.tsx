'use client';
import type { ServiceView } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { missing } from '../../ui/action-button.tsx';
import { ButtonLink } from '../../ui/button-link.tsx';
import { RolloutActions } from '../rollouts/rollout-actions.tsx';
import { MoreActions } from './more-actions.tsx';
import { ScaleAction } from './scale-action.tsx';
import { Undo } from './undo.tsx';

/** Why a service's button is off. */
export const lacks = (service: ServiceView, permission: Permission): string | undefined =>
  missing(service.may, permission, `in ${service.projectPath}`);

/** What an undo leaves: where the rollout under way goes, or where an aborted one went, which left the revision as it was. */
const undoneRevision = ({ activeRollout, undoTo, rollout, revision }: ServiceView): number => {
  if (activeRollout) return activeRollout.toRevision;
  return undoTo?.number === revision ? (rollout?.toRevision ?? revision) : revision;
};

/** The way back of a service, also from the rollout that is under way. */
export const ServiceUndo = ({ service }: { service: ServiceView }) =>
  service.undoTo && (
    <Undo
      serviceId={service.id}
      name={service.name}
      from={undoneRevision(service)}
      to={service.undoTo.number}
      replaces={service.count.wanted}
      supersedes={service.activeRollout !== null}
      disabledReason={lacks(service, 'service.deploy')}
    />
  );

/** The buttons of a service, the likeliest first. */
export const ServiceActions = ({ service }: { service: ServiceView }) => (
  <>
    {service.activeRollout && (
      <RolloutActions rollout={service.activeRollout} lack={lacks(service, 'service.deploy')} />
    )}
    <ServiceUndo service={service} />
    {service.mode === 'replicated' && <ScaleAction service={service} />}
    <ButtonLink to={paths.deploy({ stack: service.stackId })} text="Deploy" primary />
    <MoreActions service={service} />
  </>
);
