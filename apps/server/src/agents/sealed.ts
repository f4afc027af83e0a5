/**
 * The contexts under which values that hosts need are sealed; who seals them and who opens them use the same. The
 * environment of a revision is the JSON of its variables, a file's content its base64, a password itself.
 */
export const SEALED = {
  environment: (revisionId: string): string => `revision:${revisionId}`,
  file: (fileId: string, version: number): string => `file:${fileId}:${version}`,
  registry: (registryId: string): string => `registry:${registryId}`,
} as const;
