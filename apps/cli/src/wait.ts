import { setTimeout as pause } from 'node:timers/promises';
import { routes } from '@portreeve/contract';
import { isEnded } from '@portreeve/domain';
import { call } from './client.ts';
import { faint, line, safe, state } from './print.ts';

const POLL_MS = 500;

const waitForOne = async (id: string): Promise<boolean> => {
  let said = '';
  for (;;) {
    const rollout = await call(routes.rollouts.get, { params: { id } });
    if (rollout.next !== said && rollout.next !== '')
      line(faint(`  ${safe(rollout.serviceName)}: ${safe(rollout.next)}`));
    said = rollout.next;
    if (isEnded(rollout.state) || rollout.state === 'paused') {
      line(`${state(rollout.state)} ${safe(rollout.serviceName)} ${safe(rollout.reason)}`);
      return rollout.state === 'succeeded';
    }
    await pause(POLL_MS);
  }
};

/** Waits until each rollout ends or pauses; the exit code is 1 unless all succeeded. */
export const waitForRollouts = async (ids: string[]): Promise<void> => {
  const good = await Promise.all(ids.map(waitForOne));
  if (good.includes(false)) process.exitCode = 1;
};
