import { isIPv6 } from 'node:net';
import { DomainError } from '@portreeve/domain';

/** Host name or IP address without brackets; the port is empty where none was written. */
export type Address = { host: string; port: string };

const WRITTEN = /^(?:https:\/\/)?(\[[0-9a-f:.]+\]|[^\s/?#@:[\]\\]+)(?::(\d{1,5}))?\/?$/i;

/**
 * `10.0.0.5`, `host:443`, `[::1]:7401` or a whole URL, as a person says where agents reach a server. The port is read
 * from the text: a URL forgets the one that is usual for its scheme. Throws `request.invalid`.
 */
export const readAddress = (written: string): Address => {
  const text = written.trim();
  const [, name = '', port = ''] = WRITTEN.exec(isIPv6(text) ? `[${text}]` : text) ?? [];
  const host = URL.parse(`https://${name}`)?.hostname;
  if (name !== '' && host && Number(port || 1) >= 1 && Number(port || 1) <= 65_535)
    return { host: host.replace(/^\[|\]$/g, ''), port };
  throw new DomainError('request.invalid', `"${written}" is no address of a server.`, {
    hint: 'Give a host name or an IP address, with a port if it is not the usual one.',
  });
};

/** Where agents dial: the port is the one that was written, else the server's own. */
export const agentUrlAt = (written: string, ownPort: number): string => {
  const { host, port } = readAddress(written);
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port || ownPort}`;
};

/** The port that a URL names or that its scheme means. */
export const portOfUrl = (text: string): number => {
  const { port, protocol } = new URL(text);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
};
