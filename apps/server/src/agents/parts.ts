import { type DesiredPart, type Order, partsOf } from '@portreeve/agent-protocol';

type Signature = { signature: string; keyCertificate: string };

/** A document's bytes in parts of at most 256 KiB, in order; the last carries the signature (SPEC.md, D5). */
export const splitDocument = (
  bytes: Uint8Array<ArrayBuffer>,
  order: Order,
  signed: Signature,
): DesiredPart[] => {
  const all = partsOf(bytes);
  return all.map((some, part) => ({
    epoch: order.epoch,
    generation: order.generation,
    part,
    parts: all.length,
    bytes: some,
    ...(part === all.length - 1 ? signed : {}),
  }));
};
