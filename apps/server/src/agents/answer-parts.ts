import { AnswerPart, type RequestAnswer } from '@portreeve/agent-protocol';
import { DomainError } from '@portreeve/domain';

/** No answer is larger; who sends more is not listened to. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/** The parts of large answers that an agent sends ahead of them, while somebody waits for these (SPEC.md, Q3). */
export type AnswerParts = {
  /** From now on parts of this answer are kept. */
  expect(requestId: string): void;
  /** Takes a part; false when nobody waits for it, or it is not the next one. */
  take(unverified: unknown): boolean;
  /** The answer, put together where it came in parts; nothing of it is kept. */
  whole(requestId: string, answer: RequestAnswer): RequestAnswer;
  forget(requestId: string): void;
};

export const createAnswerParts = (limitBytes = LIMIT_BYTES): AnswerParts => {
  const kept = new Map<string, Uint8Array[]>();
  const sizeOf = (parts: readonly Uint8Array[]): number =>
    parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    expect: (requestId) => void kept.set(requestId, []),
    take: (unverified) => {
      const read = AnswerPart.safeParse(unverified);
      const parts = read.success ? kept.get(read.data.id) : undefined;
      if (!read.success || !parts || read.data.part !== parts.length) return false;
      if (sizeOf(parts) + read.data.bytes.byteLength > limitBytes) return false;
      parts.push(read.data.bytes);
      return true;
    },
    whole: (requestId, answer) => {
      if (!answer.ok || answer.parts === undefined) return answer;
      const parts = kept.get(requestId) ?? [];
      if (parts.length !== answer.parts)
        throw new DomainError('engine.unavailable', 'The answer of the node did not come whole: ask again.');
      return { ok: true, value: JSON.parse(Buffer.concat(parts).toString('utf8')) };
    },
    forget: (requestId) => void kept.delete(requestId),
  };
};
