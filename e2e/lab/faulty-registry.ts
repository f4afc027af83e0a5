import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What a registry may do instead of its work; the last concerns everything, the others layers. */
export type RegistryFault =
  | { readonly kind: 'stop-at'; readonly share: number }
  /** A twentieth of a layer at a time. */
  | { readonly kind: 'trickle'; readonly everyMs: number }
  | { readonly kind: 'wrong-bytes' }
  | { readonly kind: 'status'; readonly status: number };

/** A registry in front of the lab's that has faults when it is told so. */
export interface FaultyRegistry {
  /** `host:port`, as in an image reference. */
  readonly address: string;
  /** What was asked, and when, since the last change of fault. */
  readonly asked: { readonly at: number; readonly path: string }[];
  /** From now on; `undefined` heals it, and ends what hangs. */
  fault(next: RegistryFault | undefined): void;
  close(): void;
}

/** Smaller blobs are configurations of images. */
const LEAST_LAYER_BYTES = 100_000;

async function trickle(bytes: Buffer, response: ServerResponse, everyMs: number): Promise<void> {
  const step = Math.ceil(bytes.length / 20);
  for (let from = 0; from < bytes.length && !response.destroyed; from += step) {
    response.write(bytes.subarray(from, from + step));
    await pause(everyMs);
  }
  response.end();
}

/** Listens on `host` and passes everything on to `registry` (`host:port`). */
export async function startFaultyRegistry(host: string, registry: string): Promise<FaultyRegistry> {
  const hanging = new Set<ServerResponse>();
  const asked: { at: number; path: string }[] = [];
  let fault: RegistryFault | undefined;

  const passLayer = (bytes: Buffer, response: ServerResponse): void => {
    if (fault?.kind === 'wrong-bytes') {
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 0xff, bytes.length - 1);
      response.end(bytes);
    } else if (fault?.kind === 'stop-at') {
      response.write(bytes.subarray(0, Math.floor(bytes.length * fault.share)));
      hanging.add(response);
    } else if (fault?.kind === 'trickle') void trickle(bytes, response, fault.everyMs);
    else response.end(bytes);
  };
  const server = createServer((incoming, response) => {
    const path = incoming.url ?? '';
    asked.push({ at: Date.now(), path });
    if (fault?.kind === 'status') {
      response.writeHead(fault.status, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const onward = request(
      `http://${registry}${path}`,
      { method: incoming.method, headers: { ...incoming.headers, host: registry } },
      (answer) => {
        const length = Number(answer.headers['content-length'] ?? 0);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        if (incoming.method !== 'GET' || !path.includes('/blobs/') || length < LEAST_LAYER_BYTES) {
          answer.pipe(response);
          return;
        }
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => passLayer(Buffer.concat(chunks), response));
      },
    );
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const endHanging = (): void => {
    for (const response of hanging) response.destroy();
    hanging.clear();
  };
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    asked,
    fault: (next) => {
      fault = next;
      asked.length = 0;
      if (next === undefined) endHanging();
    },
    close: () => {
      endHanging();
      server.closeAllConnections();
      server.close();
    },
  };
}
