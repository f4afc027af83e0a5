/** The most bytes of one message: what may be larger travels in parts of it, so that nothing else waits long (SPEC.md, D5, Q3). */
export const PART_BYTES = 256 * 1024;

/** Cuts bytes into parts; one at least, also of none. */
export const partsOf = <T extends Uint8Array>(bytes: T): T[] =>
  Array.from(
    { length: Math.max(1, Math.ceil(bytes.byteLength / PART_BYTES)) },
    (_, part) => bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES) as T,
  );
