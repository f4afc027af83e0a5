import { NodeFacts } from '@portreeve/domain';
import { z } from 'zod';

/** POST /join on 7401, the only thing besides the CA and the agent's file that needs no client certificate (SPEC.md, J1–J6). */
export const JoinRequest = z.object({
  token: z.string().max(200),
  csrPem: z.string().max(8192),
  facts: NodeFacts,
  /** Name wished for; the server may add a number. */
  name: z.string().max(63).optional(),
});
export type JoinRequest = z.infer<typeof JoinRequest>;

export const JoinAnswer = z.object({
  clusterId: z.uuid(),
  clusterName: z.string(),
  nodeId: z.uuid(),
  nodeName: z.string(),
  certificatePem: z.string(),
  caCertificates: z.array(z.string()),
  servers: z.array(z.string()),
});
export type JoinAnswer = z.infer<typeof JoinAnswer>;

/** POST /renew with the present client certificate; the answer holds a new one for the same node. */
export const RenewRequest = z.object({ csrPem: z.string().max(8192) });
export type RenewRequest = z.infer<typeof RenewRequest>;
export const RenewAnswer = z.object({ certificatePem: z.string(), caCertificates: z.array(z.string()) });
export type RenewAnswer = z.infer<typeof RenewAnswer>;
