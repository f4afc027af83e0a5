import { DomainError } from '@portreeve/domain';

/** 1.40 is Podman's compatible API and all that engine 20.10 is asked for here; 1.51 the newest tried. */
const OUR_OLDEST = '1.40';
const OUR_NEWEST = '1.51';

const parts = (version: string): [number, number] => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [major, minor];
};

/** Negative when `a` is older than `b`; by number, for 1.9 is older than 1.41. */
export const compareApi = (a: string, b: string): number => {
  const [aMajor, aMinor] = parts(a);
  const [bMajor, bMinor] = parts(b);
  return aMajor - bMajor || aMinor - bMinor;
};

/** The newest API version both sides speak; throws with a sentence when there is none. */
export const negotiateApi = (engine: { newest: string; oldest?: string | undefined }): string => {
  if (compareApi(engine.newest, OUR_OLDEST) < 0)
    throw new DomainError(
      'engine.unavailable',
      `This engine's API ${engine.newest || '(unknown)'} is too old: the agent needs ${OUR_OLDEST}, which Docker Engine 20.10 has; upgrade the engine.`,
    );
  if (engine.oldest && compareApi(engine.oldest, OUR_NEWEST) > 0)
    throw new DomainError(
      'engine.unavailable',
      `This engine's API begins at ${engine.oldest}, and this agent ends at ${OUR_NEWEST}: upgrade the agent.`,
    );
  return compareApi(engine.newest, OUR_NEWEST) < 0 ? engine.newest : OUR_NEWEST;
};
