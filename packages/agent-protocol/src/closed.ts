const AGENT_WENT = 'the agent hung up';
const SERVER_WENT = 'the server hung up';

/** Socket.io's names for the end of a connection, as either side hears them. */
const WORDS: Readonly<Record<string, string>> = {
  'io client disconnect': AGENT_WENT,
  'client namespace disconnect': AGENT_WENT,
  'io server disconnect': SERVER_WENT,
  'server namespace disconnect': SERVER_WENT,
  'server shutting down': SERVER_WENT,
  'forced server close': SERVER_WENT,
  'forced close': SERVER_WENT,
  'transport close': 'the network connection was closed',
  'transport error': 'the network connection broke',
  'ping timeout': 'nothing was heard on it any more',
  'parse error': 'something came that is no message',
};

/** Why a connection between agent and server ended, as a sentence. */
export const closedInWords = (why: string): string => `The connection ended: ${WORDS[why] ?? why}.`;
