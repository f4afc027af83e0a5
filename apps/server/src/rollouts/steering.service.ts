import {
  DomainError,
  type RolloutAction,
  type RolloutState,
  rolloutCan,
  type ServiceSpec,
} from '@portreeve/domain';
import { admitSpec } from '../admission/admit-spec.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { changeService } from '../stacks/change.store.ts';
import type { DeployDeps } from '../stacks/deploy.service.ts';
import { getRevision, getService, targetId } from '../stacks/service-target.store.ts';
import { getRollout, isUntouched, tellStory, turnRollout } from './steering.store.ts';

type Turn = {
  state: RolloutState;
  text: string;
  /** What comes of it, after the name of the service. */
  outcome?: string;
  data: Prisma.RolloutUpdateManyMutationInput;
  /** What becomes of the service besides. */
  service?: Prisma.ServiceUpdateManyMutationInput;
};

const turnOf = (
  action: RolloutAction,
  rollout: { number: number; state: string; rollingBack: boolean },
  by: string,
  now: Date,
  untouched: boolean,
  mode: ServiceSpec['mode'] | undefined,
): Turn => {
  const { number } = rollout;
  if (action === 'pause') {
    const rollingBack = rollout.state === 'rolling back';
    return {
      state: 'paused',
      text: `paused rollout ${number}`,
      data: { reason: `paused by ${by}`, rollingBack },
    };
  }
  // Without a rollout its slots would be filled all the same: the wish has to go too.
  if (action === 'abort' && untouched)
    return {
      state: 'aborted',
      text: `aborted rollout ${number}`,
      outcome: ' before it began; the service is stopped, and starting it has it run',
      data: {
        reason: `aborted by ${by} before anything was started; the service is stopped: start it to have it run`,
        endedAt: now,
      },
      service: { desired: 'stopped' },
    };
  if (action === 'abort')
    return {
      state: 'aborted',
      text: `aborted rollout ${number}`,
      outcome: '; what runs stays as it is',
      data: { reason: `aborted by ${by}`, endedAt: now },
      ...(mode && { service: { mode } }),
    };
  return {
    state: rollout.rollingBack ? 'rolling back' : 'running',
    text: `resumed rollout ${number}`,
    data: { reason: '', failedSlots: [], countFailuresSince: now },
  };
};

/** Pauses, resumes or aborts a rollout; refuses what its state does not allow. Answers the service's id. */
export const steerRollout = async (
  { database, keys }: DeployDeps,
  ctx: RequestContext,
  id: string,
  action: RolloutAction,
): Promise<string> => {
  const db = database.prisma;
  const rollout = await getRollout(db, id);
  const service = await getService(db, rollout.serviceId);
  ctx.authorize('service.deploy', service.project.path);
  if (!rolloutCan(action, rollout.state as RolloutState))
    throw new DomainError(
      'conflict.state',
      `Rollout ${rollout.number} is ${rollout.state}: nothing to ${action}.`,
    );
  if (action === 'resume' && service.desired === 'stopped')
    throw new DomainError('conflict.state', `${service.name} is stopped, so there is nothing to resume.`, {
      hint: 'Start it; a rollout that its stop paused goes on by itself then.',
    });
  // Where it goes on to: back to the revision before, where it was rolling back.
  if (action === 'resume') await admitSpec(db, ctx, service, await getRevision(db, keys, targetId(service)));
  // An aborted rollout to another mode leaves the service in that of what it goes on with.
  const staysOn = action === 'abort' ? service.currentRevisionId : null;
  const mode = staysOn ? (await getRevision(db, keys, staysOn)).spec.mode : undefined;
  const now = new Date();
  await database.transaction(async (tx) => {
    const untouched = action === 'abort' && (await isUntouched(tx, service.id));
    const turn = turnOf(action, rollout, ctx.subject.name, now, untouched, mode);
    await changeService(
      tx,
      {
        ctx,
        service,
        action: `rollout.${action}`,
        text: `${turn.text} of ${service.name}${turn.outcome ?? ''}`,
        detail: { rollout: rollout.number },
      },
      turn.service ?? {},
      now,
    );
    const turned = await turnRollout(tx, id, rollout.state, { ...turn.data, state: turn.state });
    if (!turned)
      throw new DomainError(
        'conflict.state',
        `Rollout ${rollout.number} moved on meanwhile; nothing was done.`,
      );
    await tellStory(tx, id, action, `${ctx.subject.name} ${turn.text}${turn.outcome ?? ''}`, now);
  });
  return service.id;
};
