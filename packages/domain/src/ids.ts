import { z } from 'zod';

/**
 * Identifiers are UUIDv7 strings made by the application, branded per noun so that a task id never stands
 * where a node id is meant. They are never reused; renaming a thing changes none of them.
 */
const id = <B extends string>(brand: B) => z.uuid().brand(brand);

export const ProjectId = id('ProjectId');
export type ProjectId = z.infer<typeof ProjectId>;
export const StackId = id('StackId');
export type StackId = z.infer<typeof StackId>;
export const ServiceId = id('ServiceId');
export type ServiceId = z.infer<typeof ServiceId>;
export const RevisionId = id('RevisionId');
export type RevisionId = z.infer<typeof RevisionId>;
export const RolloutId = id('RolloutId');
export type RolloutId = z.infer<typeof RolloutId>;
export const TaskId = id('TaskId');
export type TaskId = z.infer<typeof TaskId>;
export const NodeId = id('NodeId');
export type NodeId = z.infer<typeof NodeId>;
export const NetworkId = id('NetworkId');
export type NetworkId = z.infer<typeof NetworkId>;
export const VolumeId = id('VolumeId');
export type VolumeId = z.infer<typeof VolumeId>;
export const UserId = id('UserId');
export type UserId = z.infer<typeof UserId>;
export const ClusterId = id('ClusterId');
export type ClusterId = z.infer<typeof ClusterId>;

/** Name of a stack, service, volume, network, config or secret: what people type, unique within its parent. */
export const Name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits, - and _, at most 63');
export type Name = z.infer<typeof Name>;

/** Path of a project: `/` or `/shop/prod`. Grants inherit downwards along it. */
export const ProjectPath = z
  .string()
  .regex(/^\/$|^(\/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/, 'a path such as /shop/prod');
export type ProjectPath = z.infer<typeof ProjectPath>;

/** True when `path` is `ancestor` or lies below it. */
export const isWithin = (path: string, ancestor: string): boolean =>
  ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);

/** SHA-256 digest of a manifest, `sha256:` and 64 hexadecimal digits; no other algorithm is accepted. */
export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a sha256 digest');
export type Digest = z.infer<typeof Digest>;
