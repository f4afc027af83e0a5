export * from './placement/types.ts';
export * from './rollout/types.ts';
