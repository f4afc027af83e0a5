export { explainPlacement } from './placement/explain.ts';
export { planPlacement } from './placement/plan.ts';
export * from './placement/types.ts';
export { replacementDelayMs } from './rollout/backoff.ts';
export { planService } from './rollout/plan.ts';
export { rolloutProgress, type SlotProgress } from './rollout/progress.ts';
export * from './rollout/types.ts';
export { slotsInWords } from './rollout/words.ts';
