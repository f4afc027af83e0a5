import { createHmac } from 'node:crypto';
import { DomainError } from '@portreeve/domain';
import { createTransport } from 'nodemailer';
import { request } from 'undici';
import { faultInWords } from '../platform/network-fault.ts';
import { outboundDispatcher } from '../registry/public-address.ts';

export type Target =
  | { kind: 'email'; to: string; smtpUrl: string; from: string }
  | { kind: 'webhook'; url: string; secret?: string | undefined; allowPrivateAddress: boolean };
export type Notice = {
  cluster: string;
  event: 'opened' | 'ended' | 'test';
  alert: { id: string; kind: string; severity: string; message: string; hint: string; since: string };
};

/** Texts come from containers and hosts too: whatever could steer a terminal or a header is shown, not sent. */
export const harmless = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const TIMEOUT_MS = 10_000;

/** A user or password as it was meant: escapes are read, a bare per cent sign is one. */
export const decodedPart = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });

const mail = async (target: Extract<Target, { kind: 'email' }>, notice: Notice): Promise<void> => {
  const { cluster, event, alert } = notice;
  const url = requireSmtpUrl(target.smtpUrl);
  const secure = url.protocol === 'smtps:';
  // Never the address itself: nodemailer takes each key of its query as an option, programs to start among them.
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    // A password never goes out in clear, whatever somebody in between makes of the server's offer of TLS.
    requireTLS: url.username !== '',
    ...(url.username && {
      auth: { user: decodedPart(url.username), pass: decodedPart(url.password) },
    }),
    connectionTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const word = event === 'ended' ? 'over' : alert.severity;
  try {
    await transport.sendMail({
      from: target.from,
      to: target.to,
      subject: harmless(`[${cluster}] ${word}: ${alert.message}`).slice(0, 200),
      text: [harmless(alert.message), harmless(alert.hint), `Since ${alert.since}.`]
        .filter(Boolean)
        .join('\n\n'),
    });
  } finally {
    transport.close();
  }
};

type Webhook = Extract<Target, { kind: 'webhook' }>;

/** Posts JSON, signed where there is a secret; throws a sentence when it was not taken. Redirects are not followed. */
export const postSigned = async (target: Omit<Webhook, 'kind'>, content: object): Promise<void> => {
  const url = requireWebhookUrl(target.url);
  const body = JSON.stringify(content);
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature =
    target.secret &&
    `sha256=${createHmac('sha256', target.secret).update(`${timestamp}.${body}`).digest('hex')}`;
  const dispatcher = outboundDispatcher({
    allowPrivateAddress: target.allowPrivateAddress,
    timeoutMs: TIMEOUT_MS,
  });
  try {
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        ...(signature && { 'x-portreeve-timestamp': timestamp, 'x-portreeve-signature': signature }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body.dump({ limit: 65_536 });
    if (answer.statusCode >= 300)
      throw new DomainError('registry.unreachable', `The webhook answered ${answer.statusCode}.`);
  } catch (error) {
    throw unreachable(`webhook ${url.host}`, error);
  } finally {
    await dispatcher.destroy();
  }
};

/** Server, port and account only: whatever else such an address can hold would be options of the mail client. */
export const requireSmtpUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.hostname && !url.search && !url.hash && ['', '/'].includes(url.pathname);
  if (url && plain && ['smtp:', 'smtps:'].includes(url.protocol)) return url;
  throw new DomainError('request.invalid', 'The mail server is written smtp://user:password@host:587.');
};

/** http and https only; what else an address may be reaches files and services of the server. */
export const requireWebhookUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password)
    return url;
  throw new DomainError('request.invalid', 'A webhook is an http or https address without a password in it.');
};

/** What is read beside the channel: whom it could not reach, and why. */
export const unreachable = (whom: string, error: unknown): Error => {
  if (error instanceof DomainError) return error;
  if (error instanceof Error && error.cause instanceof DomainError) return error.cause;
  return new DomainError('registry.unreachable', `The ${whom} was not told: ${faultInWords(error)}.`);
};

/** Tells one channel; throws a sentence when it could not be told. */
export const sendNotice = async (target: Target, notice: Notice): Promise<void> => {
  if (target.kind === 'webhook') return postSigned(target, notice);
  const { host } = requireSmtpUrl(target.smtpUrl);
  try {
    await mail(target, notice);
  } catch (error) {
    throw unreachable(`mail server ${host}`, error);
  }
};
