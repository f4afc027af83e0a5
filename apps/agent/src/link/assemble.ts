import type { DesiredPart, UnverifiedDesired } from '@portreeve/agent-protocol';

const LIMIT = 64 * 1024 * 1024;

export type Assembly = {
  epoch: number;
  generation: number;
  parts: number;
  bytes: Uint8Array[];
  size: number;
};
export type Assembled =
  | { kind: 'more'; assembly: Assembly }
  | { kind: 'whole'; document: UnverifiedDesired }
  | { kind: 'refused'; reason: string };

const refused = (reason: string): Assembled => ({ kind: 'refused', reason });

/** Puts the parts of a document together, in order and one document at a time (SPEC.md, D5). Nothing is trusted yet. */
export const addPart = (present: Assembly | undefined, part: DesiredPart): Assembled => {
  const begun: Assembly | undefined =
    part.part === 0
      ? { epoch: part.epoch, generation: part.generation, parts: part.parts, bytes: [], size: 0 }
      : present;
  if (!begun || begun.epoch !== part.epoch || begun.generation !== part.generation)
    return refused('its first part is missing: send it from the start');
  if (part.part !== begun.bytes.length || part.parts !== begun.parts)
    return refused(`part ${begun.bytes.length} was expected, part ${part.part} came`);
  const size = begun.size + part.bytes.byteLength;
  if (size > LIMIT) return refused(`it is larger than ${LIMIT} bytes`);
  const bytes = [...begun.bytes, part.bytes];
  if (bytes.length < begun.parts) return { kind: 'more', assembly: { ...begun, bytes, size } };
  if (part.signature === undefined || part.keyCertificate === undefined)
    return refused('it carries no signature');
  return {
    kind: 'whole',
    document: {
      bytes: Buffer.concat(bytes),
      signature: part.signature,
      keyCertificate: part.keyCertificate,
    },
  };
};
