import type { StreamLine } from '@portreeve/contract';
import type { Socket } from 'socket.io';

/** Bytes that may be under way to a page that has not said it took them. */
const WINDOW_BYTES = 512 * 1024;

/**
 * The page's end of one stream. What is sent counts as under way until the page says it consumed it; pages count
 * roughly, so each word of theirs frees at least the oldest message.
 */
export type BrowserEnd = {
  hasRoom(): boolean;
  lines(lines: StreamLine[], cost: number, onTaken: () => void): void;
  bytes(bytes: Uint8Array, onTaken: () => void): void;
  consumed(bytes: number): void;
  end(reason: string, exitCode?: number): void;
};

export const createBrowserEnd = (socket: Socket, streamId: string): BrowserEnd => {
  const underWay: { cost: number; onTaken: () => void }[] = [];
  let total = 0;
  let over = false;
  const sent = (cost: number, onTaken: () => void): void => {
    underWay.push({ cost, onTaken });
    total += cost;
  };
  return {
    hasRoom: () => total < WINDOW_BYTES,
    lines: (lines, cost, onTaken) => {
      sent(cost, onTaken);
      socket.emit('lines', { streamId, lines });
    },
    bytes: (bytes, onTaken) => {
      sent(bytes.byteLength, onTaken);
      socket.emit('bytes', { streamId, bytes });
    },
    consumed: (bytes) => {
      let left = bytes;
      do {
        const oldest = underWay.shift();
        if (!oldest) return;
        total -= oldest.cost;
        left -= oldest.cost;
        oldest.onTaken();
      } while (left > 0);
    },
    end: (reason, exitCode) => {
      if (over) return;
      over = true;
      socket.emit('end', { streamId, reason, ...(exitCode !== undefined && { exitCode }) });
    },
  };
};
