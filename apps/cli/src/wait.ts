import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, type CallOutput, routes } from '@portreeve/contract';
import { isEnded } from '@portreeve/domain';
import { call } from './client.ts';
import { faint, line, safe, state } from './print.ts';

const POLL_MS = 500;
/** No answer at all, or the word of the server or of a proxy before it that it cannot answer now. */
const AWAY = [0, 502, 503, 504];
const PATIENCE_MS = 120_000;

type Rollout = CallOutput<typeof routes.rollouts.get>;

/** What rolls goes on while the console or its database is away; so does whoever waits for it, for a while. */
const readRollout = async (id: string): Promise<Rollout> => {
  const until = Date.now() + PATIENCE_MS;
  let told = false;
  for (;;) {
    try {
      return await call(routes.rollouts.get, { params: { id } });
    } catch (error) {
      if (!(error instanceof ApiError) || !AWAY.includes(error.status) || Date.now() > until) throw error;
      if (!told) line(faint(`  ${safe(error.message)} Waiting for it.`));
      told = true;
      await pause(POLL_MS);
    }
  }
};

const waitForOne = async (id: string): Promise<boolean> => {
  let said = '';
  for (;;) {
    const rollout = await readRollout(id);
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
