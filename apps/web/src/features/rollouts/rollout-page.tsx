'use client';
import { type RolloutView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { Link } from '../../ui/link.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { ROLLOUT_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { ActivityCut } from '../events/activity-cut.tsx';
import { ServiceUndo } from '../services/service-actions.tsx';
import { RolloutActions } from './rollout-actions.tsx';
import { RolloutPanel } from './rollout-panel.tsx';

const Page = ({ rollout }: { rollout: RolloutView }) => {
  const service = useWatch(routes.services.get, { params: { id: rollout.serviceId } });
  return (
    <>
      <PageHead
        crumbs={[
          ...(service.data ? [{ text: service.data.stackName, to: paths.stack(service.data.stackId) }] : []),
          { text: rollout.serviceName, to: paths.service(rollout.serviceId) },
          { text: 'Rollouts', to: paths.service(rollout.serviceId, 'rollouts') },
        ]}
        title={`Rollout ${rollout.number} of ${rollout.serviceName}`}
        status={
          <Status tone={ROLLOUT_TONE[rollout.state]} wrap>
            {rollout.state}, {rollout.turned} of {rollout.slots} turned
          </Status>
        }
        meta={
          <>
            <Fact name="revision">
              <Link href={paths.service(rollout.serviceId, 'revisions')}>
                {rollout.fromRevision === null ? '' : `${rollout.fromRevision} → `}
                {rollout.toRevision}
              </Link>
            </Fact>
            <Fact name="cause">
              {rollout.cause} by {rollout.causedBy}
            </Fact>
            <Fact name="began">
              <When at={rollout.startedAt} as="ago" />
            </Fact>
            {rollout.endedAt && (
              <Fact name="ended">
                <When at={rollout.endedAt} as="ago" />
              </Fact>
            )}
          </>
        }
        actions={
          <>
            <RolloutActions
              rollout={rollout}
              withAbort
              lack={missing(
                service.data?.may,
                'service.deploy',
                `in ${service.data?.projectPath ?? 'its project'}`,
              )}
            />
            {service.data?.activeRollout?.id === rollout.id && <ServiceUndo service={service.data} />}
          </>
        }
      />
      <Panels>
        <RolloutPanel rollout={rollout} />
        <ActivityCut of={{ rolloutId: rollout.id }} />
      </Panels>
    </>
  );
};

export const RolloutPage = ({ id }: { id: string }) => {
  const rollout = useWatch(routes.rollouts.get, { params: { id } });
  return (
    <ObjectGate of={rollout} kind="Rollout" home={{ text: 'Services', to: paths.services() }}>
      {(data) => <Page rollout={data} />}
    </ObjectGate>
  );
};
