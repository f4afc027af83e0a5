/** The protocol this code speaks. N works with N−1 and N+1 (SPEC.md, V1). */
export const PROTOCOL_VERSION = 1;
export const PROTOCOL_RANGE = { min: 1, max: 2 } as const;

/** Why two sides cannot talk; each has a sentence in `incompatibilitySentence`. */
export type Incompatibility =
  | 'agent-too-old'
  | 'agent-too-new'
  | 'wrong-cluster'
  | 'wrong-node'
  | 'revoked'
  | 'duplicate';

export type Negotiation =
  | { ok: true; version: number }
  | { ok: false; reason: 'agent-too-old' | 'agent-too-new' };

/** Picks the highest version both ranges hold (SPEC.md, V2). */
export const negotiate = (
  agent: { min: number; max: number },
  server: { min: number; max: number } = PROTOCOL_RANGE,
): Negotiation => {
  const version = Math.min(agent.max, server.max);
  if (version >= Math.max(agent.min, server.min)) return { ok: true, version };
  return { ok: false, reason: agent.max < server.min ? 'agent-too-old' : 'agent-too-new' };
};

/** The sentence a person reads on the node's page and in the agent's log. */
export const incompatibilitySentence = (reason: Incompatibility): string =>
  ({
    'agent-too-old':
      'The agent speaks only versions of the protocol that this server has dropped: upgrade the agent.',
    'agent-too-new':
      'The agent speaks only versions of the protocol that this server does not know yet: upgrade the server.',
    'wrong-cluster':
      'The certificate belongs to another cluster: join this host to this cluster with a token.',
    'wrong-node': 'The message names another node than the certificate: the connection was closed.',
    revoked: 'The node was removed and its certificate revoked: join again with a new token.',
    duplicate: 'Another connection with the same certificate is newer: only one agent runs per node.',
  })[reason];
