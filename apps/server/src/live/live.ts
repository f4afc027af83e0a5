import { Watch } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Socket } from 'socket.io';
import { toDomainError, toSocketRefusal } from '../platform/http/problem.ts';
import type { Platform } from '../platform.ts';
import { type BrowserSockets, watcherOf } from './browser-sockets.ts';
import { onChanges } from './on-changes.ts';
import { type OpenWatch, openWatch, watchedRoute } from './watch.ts';

/** More than any page shows at once. */
const MOST_WATCHES = 60;

/** Live watches of GET routes on the default namespace: a snapshot, then what changed (contract, live.ts). */
export const mountLive = (platform: Platform, sockets: BrowserSockets): void => {
  const { database, http } = platform;
  const open = new Map<Socket, Map<string, OpenWatch>>();
  const everyWatch = (): OpenWatch[] => [...open.values()].flatMap((watches) => [...watches.values()]);

  const start = async (socket: Socket, watches: Map<string, OpenWatch>, raw: unknown) => {
    const parsed = Watch.safeParse(raw);
    if (!parsed.success) throw new DomainError('request.invalid', 'The watch cannot be read.');
    const { watchId, route } = parsed.data;
    watches.get(watchId)?.stop();
    if (watches.size >= MOST_WATCHES)
      throw new DomainError('too-large', `A page watches ${MOST_WATCHES} things at most.`);
    const found = watchedRoute(http.mounted, route);
    const watch = openWatch(found, parsed.data, watcherOf(socket), platform, {
      delta: (message) => socket.emit('delta', message),
      end: (message) => {
        watches.delete(watchId);
        socket.emit('end', message);
      },
    });
    watches.set(watchId, watch);
    const answer = await watch.start();
    if (!answer.ok) watches.delete(watchId);
    return answer;
  };

  sockets.of('/').on('connection', (socket) => {
    const watches = new Map<string, OpenWatch>();
    open.set(socket, watches);
    socket.on('watch', (raw: unknown, ack: unknown) => {
      start(socket, watches, raw)
        .catch((cause: unknown) => ({ ok: false as const, ...toSocketRefusal(toDomainError(cause)) }))
        .then((answer) => {
          if (typeof ack === 'function') ack(answer);
        });
    });
    socket.on('unwatch', (raw: unknown) => {
      const watchId = (raw as { watchId?: unknown } | null)?.watchId;
      if (typeof watchId !== 'string') return;
      watches.get(watchId)?.stop();
      watches.delete(watchId);
    });
    socket.on('disconnect', () => {
      for (const watch of watches.values()) watch.stop();
      open.delete(socket);
    });
  });

  sockets.onOtherRights((socket) => {
    for (const watch of open.get(socket)?.values() ?? []) watch.refresh();
  });
  const stopListening = onChanges(platform, (change) => {
    for (const watch of everyWatch()) change ? watch.changed(change) : watch.refresh();
  });
  const stopBack = database.health.onBack(() => {
    for (const watch of everyWatch()) watch.refresh();
  });
  platform.onClose(() => {
    stopListening();
    stopBack();
    for (const watch of everyWatch()) watch.stop();
  });
};
