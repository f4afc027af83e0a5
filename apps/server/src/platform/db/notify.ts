/** What notifying needs of a transaction; Prisma's client and its transactions both have it. */
export type Executor = {
  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
};

/** Sends payloads of less than 8,000 bytes each when the transaction commits, in one statement; at once outside of one. */
export const notifyAll = async (
  tx: Executor,
  channel: string,
  payloads: readonly string[],
): Promise<void> => {
  await tx.$executeRaw`SELECT pg_notify(${channel}, payload) FROM unnest(${[...payloads]}::text[]) AS payload`;
};
