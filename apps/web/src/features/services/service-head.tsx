import type { ServiceView } from '@portreeve/contract';
import { isFinal } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { Endpoints } from '../../ui/endpoints.tsx';
import { Link } from '../../ui/link.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { ReadyBar } from '../../ui/ready-bar.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { SERVICE_TONE, TASK_TONE, type Tone } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { projectName } from '../projects/project.ts';
import { ServiceActions } from './service-actions.tsx';
import { stateWords } from './state-words.ts';

/** One cell per wanted task: ready ones first, then what the others do. */
const cellsOf = (service: ServiceView): Tone[] => {
  const { ready, wanted } = service.count;
  const others = service.tasks
    .filter((task) => !task.ready && !isFinal(task.state) && task.desired === 'running')
    .map((task): Tone => TASK_TONE[task.health]);
  const cells: Tone[] = [
    ...Array.from({ length: Math.min(ready, wanted) }, (): Tone => 'ok'),
    ...others,
  ].slice(0, wanted);
  return [...cells, ...Array.from({ length: wanted - cells.length }, (): Tone => 'off')];
};

const isMoving = ({ activeRollout }: ServiceView): boolean =>
  activeRollout !== null &&
  activeRollout.fromRevision !== null &&
  activeRollout.fromRevision !== activeRollout.toRevision;

const Revision = ({ service }: { service: ServiceView }) => {
  const { activeRollout: rollout, revision } = service;
  return (
    <Fact name="revision">
      <Link href={paths.service(service.id, 'revisions')}>
        {rollout && isMoving(service) ? `${rollout.fromRevision} → ${rollout.toRevision}` : revision}
        {rollout?.state === 'paused' ? ', paused' : ''}
      </Link>
    </Fact>
  );
};

const words = (service: ServiceView) => {
  const state = stateWords(service);
  const { rollout } = service;
  if (rollout && service.why === `rollout ${rollout.number} is ${rollout.state}`) return state;
  if (rollout?.state === 'paused') return rollout.reason ? `${state}: ${rollout.reason}` : state;
  return service.why ? `${state === service.state ? '' : `${state}; `}${service.why}` : state;
};

/** The name, the state in words, the figures, and what can be done. */
export const ServiceHead = ({ service }: { service: ServiceView }) => (
  <PageHead
    crumbs={[
      { text: projectName(service.projectPath), to: paths.stacks({ project: service.projectPath }) },
      { text: service.stackName, to: paths.stack(service.stackId) },
    ]}
    title={service.name}
    status={
      <Status tone={SERVICE_TONE[service.state]} wrap>
        {words(service)}
      </Status>
    }
    meta={
      <>
        <ReadyBar count={service.count} tones={cellsOf(service)} />
        <Revision service={service} />
        <Fact name={isMoving(service) ? `image of ${service.revision}` : 'image'}>
          <Link className="mono" href={paths.services({ image: service.image })} title="Who runs this image">
            {service.image}
          </Link>{' '}
          {service.digest && <ShortId id={service.digest} />}
        </Fact>
        <Fact name="by">
          {service.changedBy} <When at={service.changedAt} as="ago" />
        </Fact>
        {service.endpoints.length > 0 && (
          <Fact name="reach">
            <Endpoints of={service.endpoints} />
          </Fact>
        )}
      </>
    }
    actions={<ServiceActions service={service} />}
  />
);
