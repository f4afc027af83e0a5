'use client';
import { routes, type ServiceView } from '@portreeve/contract';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';

const Restart = ({ service }: { service: ServiceView }) => {
  const restart = useAction(routes.services.restart);
  return (
    <Confirm
      label="Restart"
      disabledReason={missing(service.may, 'service.stop', `in ${service.projectPath}`)}
      run={() => restart.mutateAsync({ params: { id: service.id } })}
    >
      Replaces each of the {service.count.wanted} tasks of {service.name} by a new one of the same revision,
      as its update policy says. It shows as a rollout and can be paused.
    </Confirm>
  );
};

const Repull = ({ service }: { service: ServiceView }) => {
  const repull = useAction(routes.services.repull);
  return (
    <Confirm
      label="Re-pull"
      disabledReason={missing(service.may, 'service.deploy', `in ${service.projectPath}`)}
      run={() => repull.mutateAsync({ params: { id: service.id } })}
    >
      Asks the registry what <span className="mono">{service.image}</span> is now. If it moved, a new revision
      is made and rolled; if not, nothing happens.
    </Confirm>
  );
};

const StopOrStart = ({ service }: { service: ServiceView }) => {
  const stop = useAction(routes.services.stop);
  const start = useAction(routes.services.start);
  const disabledReason = missing(service.may, 'service.stop', `in ${service.projectPath}`);
  if (service.desired === 'stopped')
    return (
      <Confirm
        label="Start"
        disabledReason={disabledReason}
        run={() => start.mutateAsync({ params: { id: service.id } })}
      >
        Starts {service.replicas} tasks of {service.name}, revision {service.revision}.
      </Confirm>
    );
  return (
    <Confirm
      label="Stop"
      disabledReason={disabledReason}
      run={() => stop.mutateAsync({ params: { id: service.id } })}
    >
      Stops all {service.count.wanted} tasks of {service.name}; nobody is answered until it is started again.
      Its revision, replicas, volumes and files stay.
    </Confirm>
  );
};

export const MoreActions = ({ service }: { service: ServiceView }) => (
  <>
    <Restart service={service} />
    <StopOrStart service={service} />
    {service.digest && <Repull service={service} />}
  </>
);
