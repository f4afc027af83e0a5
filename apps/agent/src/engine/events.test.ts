import { expect, test } from 'vitest';
import { afterEvent, eventInWords } from './events.ts';

const event = (Action: string, exitCode?: string) => ({
  Action,
  Actor: { ID: 'c1', Attributes: { name: 'shop-web-1', ...(exitCode !== undefined && { exitCode }) } },
  time: 1,
});

test.each([
  [event('die', '7'), 'shop-web-1 ended with exit code 7.'],
  [event('died'), 'shop-web-1 ended.'],
  [event('oom'), 'shop-web-1 was out of memory.'],
  [event('health_status: healthy'), 'The health check of shop-web-1 passes.'],
  [event('health_status: unhealthy'), 'The health check of shop-web-1 fails.'],
  [event('health_status: starting'), undefined],
  [event('exec_start: sh'), undefined],
])('an event of the engine is told as a person says it: %j', (told, words) => {
  expect(eventInWords(told)).toBe(words);
});

test('a creation that is told of late makes no container that runs a new one', () => {
  const running = afterEvent(undefined, event('start'), false);
  expect(running).toMatchObject({ state: 'running' });
  expect(afterEvent(running, event('create'), false)).toEqual(running);
});
