/** A group as it was read: `members` are DNs in the one spelling, or user names where the directory writes those. */
export type SeenGroup = { key: string; dn: string; members: readonly string[] };

/**
 * Everybody in a group, with those of the groups in it where `nested`. Groups that contain each other are walked once.
 * @param byDn all groups, by their DN in the one spelling
 */
export const membersOfGroup = (
  group: SeenGroup,
  byDn: ReadonlyMap<string, SeenGroup>,
  nested: boolean,
): Set<string> => {
  const members = new Set<string>();
  const walked = new Set<SeenGroup>([group]);
  for (const each of walked)
    for (const member of each.members) {
      const inner = byDn.get(member);
      if (inner === undefined) members.add(member);
      else if (nested) walked.add(inner);
    }
  return members;
};
