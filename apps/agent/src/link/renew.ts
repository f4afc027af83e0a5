import { RenewAnswer } from '@portreeve/agent-protocol';
import { type Identity, renewalDue } from '../state/identity.ts';
import { provenAnchors } from './anchors.ts';
import { callServer, problemOf } from './https.ts';
import { serverAgent } from './tls.ts';

/** Undefined when the certificate is young; throws when no server renews it (SPEC.md, J5). */
export const renew = async (identity: Identity, now: Date): Promise<Identity | undefined> => {
  if (now < renewalDue(identity.certificatePem)) return undefined;
  // Loaded when needed: it is large, and needed twice in a certificate's life.
  const { makeKeyAndRequest } = await import('./csr.ts');
  const { keyPem, csrPem } = await makeKeyAndRequest();
  let failure: unknown = new Error('there is no server to ask');
  for (const server of identity.servers) {
    try {
      const agent = serverAgent(identity);
      const answer = await callServer(`${server}/renew`, { method: 'POST', body: { csrPem }, agent });
      if (answer.status >= 300) throw new Error(problemOf(answer));
      const { certificatePem, caCertificates: offered } = RenewAnswer.parse(JSON.parse(answer.text));
      const caCertificates = provenAnchors(identity.caCertificates, offered);
      return { ...identity, keyPem, certificatePem, caCertificates };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
};
