import type { DesiredPart, Order } from '@portreeve/agent-protocol';

const PART_BYTES = 256 * 1024;

type Signature = { signature: string; keyCertificate: string };

/** A document's bytes in parts of at most 256 KiB, in order; the last carries the signature (SPEC.md, D5). */
export const splitDocument = (
  bytes: Uint8Array<ArrayBuffer>,
  order: Order,
  signed: Signature,
): DesiredPart[] => {
  const parts = Math.max(1, Math.ceil(bytes.byteLength / PART_BYTES));
  return Array.from({ length: parts }, (_, part) => ({
    epoch: order.epoch,
    generation: order.generation,
    part,
    parts,
    bytes: bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
    ...(part === parts - 1 ? signed : {}),
  }));
};
