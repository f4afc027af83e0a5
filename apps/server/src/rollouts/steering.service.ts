import { DomainError, type RolloutAction, type RolloutState, rolloutCan } from '@portreeve/domain';
import { admitSpec } from '../admission/admit-spec.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { changeService } from '../stacks/change.store.ts';
import type { DeployDeps } from '../stacks/deploy.service.ts';
import { getRevision, getService } from '../stacks/service-target.store.ts';
import { getRollout, tellStory, turnRollout } from './steering.store.ts';

type Turn = { state: RolloutState; text: string; data: Prisma.RolloutUpdateManyMutationInput };

const turnOf = (
  action: RolloutAction,
  rollout: { number: number; state: string; rollingBack: boolean },
  by: string,
  now: Date,
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
  if (action === 'abort')
    return {
      state: 'aborted',
      text: `aborted rollout ${number}; what runs stays as it is`,
      data: { reason: `aborted by ${by}`, endedAt: now },
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
  if (action === 'resume')
    await admitSpec(db, ctx, service, await getRevision(db, keys, rollout.toRevisionId));
  const now = new Date();
  const turn = turnOf(action, rollout, ctx.subject.name, now);
  await database.transaction(async (tx) => {
    await changeService(
      tx,
      {
        ctx,
        service,
        action: `rollout.${action}`,
        text: `${turn.text} of ${service.name}`,
        detail: { rollout: rollout.number },
      },
      {},
      now,
    );
    const turned = await turnRollout(tx, id, rollout.state, { ...turn.data, state: turn.state });
    if (!turned)
      throw new DomainError(
        'conflict.state',
        `Rollout ${rollout.number} moved on meanwhile; nothing was done.`,
      );
    await tellStory(tx, id, action, `${ctx.subject.name} ${turn.text}`, now);
  });
  return service.id;
};
