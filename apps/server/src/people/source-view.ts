import type { MembershipSource } from '@portreeve/contract';

/** Where a membership comes from. */
export const sourceView = (row: {
  ruleId: string | null;
  directoryName: string | null;
  since: Date;
}): MembershipSource => ({
  kind: row.ruleId === null ? 'hand' : 'rule',
  ruleId: row.ruleId,
  directoryName: row.directoryName,
  since: row.since.toISOString(),
});
