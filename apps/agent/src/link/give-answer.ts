import {
  type AnswerPart,
  PART_BYTES,
  partsOf,
  type Request,
  type RequestAnswer,
} from '@portreeve/agent-protocol';

/** Sends one part; true when the server has it, false when it wants no more. */
export type SendPart = (part: AnswerPart) => Promise<boolean>;

/**
 * The answer as it is given to the server's request: one that is too large for a message goes before it in parts, where
 * the server takes it so (SPEC.md, Q3). Small messages pass between the parts, which go one by one.
 */
export const giveAnswer = async (
  { id, inParts }: Pick<Request, 'id' | 'inParts'>,
  answer: RequestAnswer,
  send: SendPart,
): Promise<RequestAnswer> => {
  if (!inParts || !answer.ok) return answer;
  const bytes = Buffer.from(JSON.stringify(answer.value ?? null));
  if (bytes.byteLength <= PART_BYTES) return answer;
  const parts = partsOf(bytes);
  for (const [part, some] of parts.entries())
    if (!(await send({ id, part, bytes: some }))) throw new Error('the server took no more of the answer');
  return { ok: true, value: null, parts: parts.length };
};
