import type { WatchDelta } from '@portreeve/contract';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import { PAGE_HEADER } from '../identity/authentication.ts';
import type { Client } from '../test-server.ts';

/** A browser's socket as the console's page opens it; rejects with the server's sentence. */
export const openBrowserSocket = (
  consoleUrl: string,
  client: Client | undefined,
  over: { namespace?: string; headers?: Record<string, string>; auth?: Record<string, unknown> } = {},
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { cookie = '' } = client?.headers ?? {};
    const socket = io(`${consoleUrl}${over.namespace ?? ''}`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: over.auth ?? { page: client?.headers[PAGE_HEADER] },
      extraHeaders: over.headers ?? { cookie, origin: consoleUrl },
    });
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error) => {
      socket.close();
      reject(error);
    });
  });

export type Delta = z.infer<typeof WatchDelta>;
