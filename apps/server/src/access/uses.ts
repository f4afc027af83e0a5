import type { Permission } from '@portreeve/domain';
import type { Use } from './uses.store.ts';

/**
 * Which permissions were used through which grants: noted in memory on a request's path, once a day each, and written
 * in batches off it. One for the process, like its log: requests, live watches and terminals all note here.
 */
let day = '';
let noted = new Set<string>();
const waiting: Use[] = [];

/** That a permission was just used through a grant. */
export const noteUse = (grantId: string, permission: Permission, now = Date.now()): void => {
  const today = new Date(now).toISOString().slice(0, 10);
  if (today !== day) {
    day = today;
    noted = new Set();
  }
  const key = `${grantId} ${permission}`;
  if (noted.has(key)) return;
  noted.add(key);
  waiting.push({ grantId, permission, usedOn: today });
};

/** Takes what waits to be written. */
export const takeUses = (most: number): Use[] => waiting.splice(0, most);

/** Gives back what could not be written. */
export const returnUses = (uses: readonly Use[]): void => {
  waiting.unshift(...uses);
};
