import { formatDuration, type UpdatePolicy } from '@portreeve/domain';

const FAILURE: Record<UpdatePolicy['failureAction'], string> = {
  pause: 'pauses',
  continue: 'carries on',
  rollback: 'rolls back',
};

/** How a service rolls: "start-first, 2 at once, 10 s apart, rolls back if more than 1 fails". */
export const policyInWords = (policy: UpdatePolicy, replicas: number): string => {
  const allowed = Math.floor(policy.maxFailureRatio * replicas);
  const parts = [
    policy.order,
    policy.parallelism === 0 ? 'all at once' : `${policy.parallelism} at once`,
    ...(policy.delayMs > 0 ? [`${formatDuration(policy.delayMs)} apart`] : []),
    `${FAILURE[policy.failureAction]} if ${allowed === 0 ? 'one fails' : `more than ${allowed} fail`}`,
    ...(policy.monitorMs > 0 ? [`watched for ${formatDuration(policy.monitorMs)}`] : []),
  ];
  return parts.join(', ');
};
