import { randomUUID } from 'node:crypto';
import type { Permission } from '@portreeve/domain';
import { allows, authorize, type Subject } from '../../access/authorize.ts';
import type { HeldKey } from './idempotency.store.ts';

/** Who asks, from where, and what they were allowed: goes with every request and every run of a live watch. */
export type RequestContext = {
  subject: Subject;
  address: string;
  via: 'browser' | 'token' | 'live' | 'system';
  requestId: string;
  /** The request's `Idempotency-Key`: settled in the transaction of the action, with its audit entry. */
  heldKey?: HeldKey;
  /** Throws `permission.missing`; the only way to ask that counts as having asked. */
  authorize(permission: Permission, projectPath?: string, object?: string): void;
  /** For buttons and lists: asks without refusing, and does not count. */
  may(permission: Permission, projectPath?: string): boolean;
  /** True once `authorize` passed; a reply or an audit entry without it is refused. */
  authorized(): boolean;
  /** The project that was last asked in, whatever the answer: where a refusal belongs. */
  askedIn(): string | undefined;
};

export const createContext = (
  subject: Subject,
  more: { address: string; via: RequestContext['via']; requestId?: string },
): RequestContext => {
  let asked = false;
  let askedIn: string | undefined;
  return {
    subject,
    address: more.address,
    via: more.via,
    requestId: more.requestId ?? randomUUID(),
    authorize: (permission, projectPath, object) => {
      askedIn = projectPath ?? '/';
      authorize(subject, permission, projectPath, object);
      asked = true;
    },
    may: (permission, projectPath) => allows(subject, permission, projectPath),
    authorized: () => asked || subject.kind === 'system',
    askedIn: () => askedIn,
  };
};

/** The context of our own loops: audited as the system, allowed nothing through `authorize`. */
export const systemContext = (name: string): RequestContext =>
  createContext({ kind: 'system', userId: '', name, administrator: false }, { address: '', via: 'system' });
