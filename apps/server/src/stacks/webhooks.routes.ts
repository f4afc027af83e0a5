import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { serviceRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { FastifyRequest } from 'fastify';
import { systemContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import { createIdempotency, type HeldKey, once } from '../platform/http/idempotency.store.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { changeService } from './change.store.ts';
import type { DeployDeps } from './deploy.service.ts';
import { rollToTag } from './operations.service.ts';
import { getService, type ServiceTarget } from './service-target.store.ts';
import { serviceSummaries } from './service-view.ts';

/** A signed call is good for this long, and moves the service once. */
const SIGNATURE_MS = 5 * 60_000;
const keyContext = (serviceId: string): string => `webhook:${serviceId}`;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const equal = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

const header = (request: FastifyRequest | undefined, name: string): string => {
  const value = request?.headers[name];
  return typeof value === 'string' ? value : '';
};

/** What a caller signs: the timestamp, a dot, and the body as compact JSON. */
export const signWebhook = (key: string, timestamp: string, tag: string): string =>
  `sha256=${createHmac('sha256', key)
    .update(`${timestamp}.${JSON.stringify({ tag })}`)
    .digest('hex')}`;

const isBearer = (service: ServiceTarget, request: FastifyRequest | undefined): boolean => {
  const [, token] = /^Bearer (\S+)$/i.exec(header(request, 'authorization')) ?? [];
  return token !== undefined && service.webhookHash !== null && equal(hashOf(token), service.webhookHash);
};

const isSigned = (
  keys: ClusterKeys,
  service: ServiceTarget,
  request: FastifyRequest | undefined,
  tag: string,
): boolean => {
  const timestamp = header(request, 'x-portreeve-timestamp');
  const signature = header(request, 'x-portreeve-signature');
  if (!service.sealedWebhookKey || !signature || !/^\d{10}$/.test(timestamp)) return false;
  if (Math.abs(Date.now() - Number(timestamp) * 1_000) > SIGNATURE_MS) return false;
  return equal(
    signature,
    signWebhook(keys.unseal(service.sealedWebhookKey, keyContext(service.id)), timestamp, tag),
  );
};

const proofOf = (
  keys: ClusterKeys,
  service: ServiceTarget,
  request: FastifyRequest | undefined,
  tag: string,
): 'bearer' | 'signature' | undefined => {
  if (isBearer(service, request)) return 'bearer';
  return isSigned(keys, service, request, tag) ? 'signature' : undefined;
};

/** A webhook of one service: makes, removes and answers it. It can move the service to another tag, nothing else. */
export const mountWebhookRoutes = (mount: Mount, deps: DeployDeps): void => {
  const { database, keys } = deps;
  const idempotency = createIdempotency(database, keys);
  const open = async (id: string) => getService(database.prisma, id);

  mount(serviceRoutes.webhook, async ({ params, ctx }) => {
    const service = await open(params.id);
    ctx.authorize('service.webhook', service.project.path);
    const token = `prw_${randomBytes(32).toString('base64url')}`;
    const hmacKey = randomBytes(32).toString('base64url');
    const change = {
      ctx,
      service,
      action: 'service.webhook-make',
      text: `made a webhook for ${service.name}`,
    };
    const data = { webhookHash: hashOf(token), sealedWebhookKey: keys.seal(hmacKey, keyContext(service.id)) };
    await database.transaction((tx) => changeService(tx, change, data, new Date()));
    return { url: `/api/v1/webhooks/services/${service.id}`, token, hmacKey };
  });
  mount(serviceRoutes.webhookRemove, async ({ params, ctx }) => {
    const service = await open(params.id);
    ctx.authorize('service.webhook', service.project.path);
    const change = {
      ctx,
      service,
      action: 'service.webhook-remove',
      text: `removed the webhook of ${service.name}`,
    };
    await database.transaction((tx) =>
      changeService(tx, change, { webhookHash: null, sealedWebhookKey: null }, new Date()),
    );
    return null;
  });
  mount(serviceRoutes.webhookCall, async ({ params, body, ctx, http }) => {
    const service = await open(params.id).catch(() => undefined);
    const proof = service && proofOf(keys, service, http?.request, body.tag);
    // Whether the service is there is nothing to tell to someone without its secret.
    if (!proof) throw new DomainError('auth.failed', 'The webhook does not know this token or signature.');
    const caller = { ...systemContext(`webhook of ${service.name}`), address: ctx.address };
    // Whoever it is has proved itself: a refusal from here on is audited.
    if (http) http.request.ctx = caller;
    const move = async (heldKey?: HeldKey) => {
      await rollToTag(deps, { ...caller, ...(heldKey && { heldKey }) }, service, body.tag);
      const [summary] = await serviceSummaries(database.prisma, { ids: [service.id] });
      return { rollout: summary?.rollout ?? null };
    };
    if (proof === 'bearer') return move();
    // Whoever caught a signed call and sends it again undoes no later one by it: it is answered, and moves nothing.
    const asked = {
      userId: service.id,
      key: header(http?.request, 'x-portreeve-signature'),
      request: body.tag,
    };
    const answer = await once(idempotency, asked, async (held) => ({ status: 200, body: await move(held) }));
    return answer.body as Awaited<ReturnType<typeof move>>;
  });
};
