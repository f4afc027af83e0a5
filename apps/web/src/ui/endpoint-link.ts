const ENCRYPTED = new Set(['443', '8443']);

/**
 * The address a browser can open for `host:port` of a published port; undefined where no browser can (`/udp`).
 * Nobody knows what speaks behind a port: most often it is HTTP, and a link that is wrong says so at once.
 */
export const endpointLink = (endpoint: string): string | undefined => {
  if (/^https?:\/\//.test(endpoint)) return endpoint;
  const port = /^\S+:(\d+)$/.exec(endpoint)?.[1];
  if (port === undefined) return undefined;
  return `${ENCRYPTED.has(port) ? 'https' : 'http'}://${endpoint}`;
};
