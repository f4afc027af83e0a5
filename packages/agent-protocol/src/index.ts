export * from './bulk.ts';
export * from './closed.ts';
export * from './desired.ts';
export * from './join.ts';
export * from './messages.ts';
export * from './parts.ts';
export * from './signing.ts';
export * from './version.ts';
