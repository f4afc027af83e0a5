import { settingsRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import ipaddr from 'ipaddr.js';
import { recordAudit } from '../audit/audit.store.ts';
import { changeOf } from '../audit/change.ts';
import { publishChange } from '../live/changes.ts';
import { formatRange, overlaps, parseRange, type Range } from '../networks/subnets.ts';
import { agentUrlAt, portOfUrl } from '../platform/cluster/agent-address.ts';
import { leadingServer } from '../platform/cluster/leading-server.store.ts';
import { presentServers } from '../platform/cluster/servers.store.ts';
import { changeSettings, readSettings } from '../platform/cluster/settings.store.ts';
import type { Tx } from '../platform/db/database.ts';
import type { Platform } from '../platform.ts';
import { routedAndOwn } from './settings.store.ts';

const requirePool = (text: string): Range => {
  if (!ipaddr.IPv4.isValidCIDR(text))
    throw new DomainError('request.invalid', `“${text}” is no IPv4 range.`, {
      hint: 'Write it like 10.200.0.0/13.',
    });
  const range = parseRange(text);
  const first = ipaddr.IPv4.parseCIDR(formatRange(range))[0].range();
  if (range.prefix > 22 || range.prefix < 8 || !['private', 'carrierGradeNat'].includes(first))
    throw new DomainError('request.invalid', `${text} cannot be the address pool.`, {
      hint: 'Choose a private range between /8 and /22, such as 10.200.0.0/13.',
    });
  return range;
};

/** What the hosts route elsewhere and the pool would take; networks cut from there would not reach anything. */
const poolConflicts = async (db: Tx, pool: string): Promise<string[]> => {
  const range = parseRange(pool);
  const { nodes, subnets } = await routedAndOwn(db);
  const ours = new Set(subnets.map((subnet) => formatRange(parseRange(subnet))));
  return nodes.flatMap(({ name, routes }) =>
    routes
      .filter((route) => ipaddr.IPv4.isValidCIDR(route) && !route.endsWith('/0'))
      .map(parseRange)
      .filter((route) => overlaps(route, range) && !ours.has(formatRange(route)))
      .map((route) => `${name} has a route to ${formatRange(route)}, which overlaps ${pool}.`),
  );
};

/** Settings of the cluster, its servers and its loops. */
export const mountSettingsRoutes = ({ http, database, loops, self }: Platform): void => {
  const db = database.prisma;
  http.mount(settingsRoutes.get, async () => {
    const settings = await readSettings(db);
    const servers = await presentServers(database, new Date());
    const leading = await leadingServer(db);
    return {
      ...settings,
      poolConflicts: await poolConflicts(db, settings.addressPool),
      servers: servers.map(({ id, url, version, startedAt }) => ({
        id,
        url,
        version,
        startedAt: startedAt.toISOString(),
        leader: id === leading,
      })),
      loops: loops.statuses().map(({ name, everyMs, lastRunAt, lastError }) => ({
        name,
        everyMs,
        lastError,
        lastRunAt: lastRunAt?.toISOString() ?? null,
      })),
    };
  });
  http.mount(settingsRoutes.edit, async ({ body, version, ctx }) => {
    ctx.authorize('settings.edit');
    if (body.addressPool !== undefined) {
      requirePool(body.addressPool);
      const [conflict] = await poolConflicts(db, body.addressPool);
      if (conflict)
        throw new DomainError('conflict.state', conflict, {
          hint: 'Choose a range that no host routes elsewhere.',
        });
    }
    const agentAddresses = body.agentAddresses?.map((one) => agentUrlAt(one, portOfUrl(self.agentUrl)));
    return database.transaction(async (tx) => {
      const before = await readSettings(tx);
      const settings = await changeSettings(
        tx,
        { ...body, ...(agentAddresses && { agentAddresses }) },
        version,
      );
      await recordAudit(tx, ctx, {
        action: 'settings.edit',
        object: { kind: 'settings', name: 'cluster' },
        detail: changeOf(before, { ...body, ...(agentAddresses && { agentAddresses }) }),
      });
      await publishChange(tx, { kind: 'settings', ids: [] });
      return settings;
    });
  });
};
