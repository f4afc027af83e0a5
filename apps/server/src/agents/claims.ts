/** What only an operator or the join token gives a node (SPEC.md, J6). */
const GIVEN = ['labels', 'project', 'projectId', 'projectPath', 'availability', 'resources', 'reserved'];

/** The given things that an agent claims by itself, in its hello or in its facts: never taken over, and no accident. */
export const claimsIn = (raw: unknown): string[] => {
  const facts = (raw as { facts?: unknown } | null)?.facts;
  return GIVEN.filter((key) =>
    [raw, facts].some((part) => typeof part === 'object' && part !== null && Object.hasOwn(part, key)),
  );
};
