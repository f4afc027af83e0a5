import { expect, test, vi } from 'vitest';
import { steadyNow } from '../steady.ts';
import { timers } from './timers.ts';

const DAY = 86_400_000;

test('an alarm further ahead than a timer reaches does not ring at once', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const rung: string[] = [];
    const alarms = timers((taskId) => rung.push(taskId));
    alarms.at('in a month', steadyNow() + 31 * DAY);
    alarms.at('in a second', steadyNow() + 1_000);
    vi.advanceTimersByTime(DAY);
    expect(rung).toEqual(['in a second']);
  } finally {
    vi.useRealTimers();
  }
});
