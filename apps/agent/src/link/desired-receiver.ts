import {
  compareOrder,
  type DesiredAnswer,
  type DesiredDocument,
  type DesiredPart,
  type Order,
  verifyDesired,
} from '@portreeve/agent-protocol';
import type { Identity } from '../state/identity.ts';
import { type Assembly, addPart } from './assemble.ts';

type Dependencies = {
  identity(): Identity;
  have(): Order;
  /** On disk before this resolves; only then is the document acted upon (SPEC.md, D6). */
  store(document: DesiredDocument, bytes: Uint8Array): Promise<void>;
  onRefused(reason: string): void;
};

/** Takes the parts of desired documents, and lets through only what is verified and newer (SPEC.md, D1–D5). */
export const desiredReceiver = (deps: Dependencies): ((part: DesiredPart) => Promise<DesiredAnswer>) => {
  let assembly: Assembly | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const refuse = (reason: string): DesiredAnswer => {
    assembly = undefined;
    deps.onRefused(reason);
    return { accepted: false, reason };
  };

  const take = async (part: DesiredPart): Promise<DesiredAnswer> => {
    const added = addPart(assembly, part);
    if (added.kind === 'refused') return refuse(added.reason);
    assembly = added.kind === 'more' ? added.assembly : undefined;
    if (added.kind === 'more') return { accepted: true };
    const { clusterId, nodeId, caCertificates } = deps.identity();
    const have = deps.have();
    const verified = verifyDesired(added.document, {
      clusterId,
      nodeId,
      trustAnchors: caCertificates,
      now: new Date(),
      have,
    });
    if (!verified.ok) return refuse(verified.reason);
    // The same once more: answered, and nothing done (SPEC.md, D2).
    if (compareOrder(verified.document, have) > 0) await deps.store(verified.document, added.document.bytes);
    return { accepted: true };
  };

  return (part) => {
    const next = turn.then(() => take(part));
    turn = next.catch(() => undefined);
    return next;
  };
};
