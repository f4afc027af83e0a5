export * from './errors.ts';
export * from './ids.ts';
export * from './node.ts';
export * from './permissions.ts';
export * from './quantities.ts';
export * from './rollout.ts';
export * from './service-spec.ts';
export * from './task.ts';
