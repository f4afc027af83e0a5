import { randomUUID } from 'node:crypto';
import type { Permission } from '@portreeve/domain';
import { allows, authorize, grantsWithin, scope, sees } from '../../access/authorize.ts';
import type { Subject } from '../../access/subject.ts';
import { noteUse } from '../../access/uses.ts';
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
  /** The projects, each with all below it, that a list within `projectPath` shows; counts as having asked. */
  scope(permission: Permission, projectPath?: string): string[];
  /** For buttons: asks without refusing, and does not count. */
  may(permission: Permission, projectPath?: string): boolean;
  /** True once `authorize` passed; a reply or an audit entry without it is refused. */
  authorized(): boolean;
  /** The grant through which the last permission was had; undefined for the recovery administrator and what is one's own. */
  through(): string | undefined;
  /** True when the last refusal was about something that they may not even know to be there. */
  hides(): boolean;
  /** The project that was last asked in, whatever the answer: where a refusal belongs. */
  askedIn(): string | undefined;
  /** Told by `recordAudit`; a change that was done without is a mistake of ours. */
  noteAudit(): void;
  /** Told by a handler that found everything as it was asked for: there is nothing to audit. */
  nothingToChange(): void;
  audited(): boolean;
};

export const createContext = (
  subject: Subject,
  more: { address: string; via: RequestContext['via']; requestId?: string },
): RequestContext => {
  let asked = false;
  let askedIn: string | undefined;
  let grantId: string | undefined;
  let hidden = false;
  let audited = false;
  return {
    subject,
    address: more.address,
    via: more.via,
    requestId: more.requestId ?? randomUUID(),
    authorize: (permission, projectPath, object) => {
      askedIn = projectPath ?? '/';
      hidden = !sees(subject, permission, askedIn);
      const through = authorize(subject, permission, projectPath, object);
      // Who may do something with it may know that it is there.
      hidden = false;
      grantId = typeof through === 'string' ? undefined : through.id;
      if (grantId !== undefined) noteUse(grantId, permission);
      asked = true;
    },
    scope: (permission, projectPath) => {
      askedIn = projectPath ?? '/';
      asked = true;
      for (const { id } of grantsWithin(subject, permission, projectPath)) noteUse(id, permission);
      return scope(subject, permission, projectPath);
    },
    may: (permission, projectPath) => allows(subject, permission, projectPath),
    authorized: () => asked || subject.kind === 'system',
    through: () => grantId,
    hides: () => hidden,
    askedIn: () => askedIn,
    noteAudit: () => {
      audited = true;
    },
    nothingToChange: () => {
      audited = true;
    },
    audited: () => audited,
  };
};

/** The context of our own loops: audited as the system, allowed nothing through `authorize`. */
export const systemContext = (name: string): RequestContext =>
  createContext({ kind: 'system', userId: '', name, administrator: false }, { address: '', via: 'system' });
