import type { HealthCheck } from '@portreeve/domain';
import { entriesOf, itemsOf, member, type Spot, wrong } from '../tree.ts';
import { asBoolean, asDuration, asIntegerIn, asText, asTexts, present, shown } from '../values.ts';

const NONE: HealthCheck = {
  test: ['NONE'],
  intervalMs: 30_000,
  timeoutMs: 30_000,
  startPeriodMs: 0,
  retries: 3,
};

/** The test of readiness; a test of `NONE` switches the image's own off. Zero means the default, as in the engine. */
export const readHealthcheck = (service: Spot): HealthCheck | undefined => {
  const at = member(service, 'healthcheck');
  if (!at) return undefined;
  const times = {
    intervalMs: asDuration(member(at, 'interval')) || undefined,
    timeoutMs: asDuration(member(at, 'timeout')) || undefined,
    startPeriodMs: asDuration(member(at, 'start_period')),
    startIntervalMs: asDuration(member(at, 'start_interval')) || undefined,
    retries: asIntegerIn(member(at, 'retries'), 0) || undefined,
  };
  const disable = asBoolean(member(at, 'disable'));
  if (disable === true) return NONE;
  if (disable === false && entriesOf(at).length === 1) return undefined;
  const testAt = member(at, 'test');
  if (!testAt) {
    wrong(at, 'This healthcheck has no test; add one, or remove it and the test of the image holds.');
    return undefined;
  }
  const test = readTest(testAt);
  return test && { ...NONE, ...present(times), test };
};

const readTest = (at: Spot): string[] | undefined => {
  const text = asText(at);
  if (text !== undefined) return ['CMD-SHELL', text];
  const test = asTexts(at);
  const [kind] = test;
  const isComplete =
    (kind === 'NONE' && test.length === 1) ||
    (kind === 'CMD-SHELL' && test.length === 2) ||
    (kind === 'CMD' && test.length > 1);
  if (isComplete) return test;
  wrong(
    itemsOf(at)[0] ?? at,
    `“${shown(kind ?? '')}” does not begin a test; write ["CMD", "program", …], ["CMD-SHELL", "line"] or ["NONE"].`,
  );
  return undefined;
};
