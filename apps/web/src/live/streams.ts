import {
  StreamAnswer,
  type StreamBytes,
  StreamEnd,
  type StreamLine,
  type StreamLines,
  type StreamRequest,
} from '@portreeve/contract';
import type { Socket } from 'socket.io-client';
import type { z } from 'zod';
import { ApiError } from '../lib/call.ts';
import { streamSocket } from './connection.ts';

export type StreamEvents = {
  lines?: (lines: StreamLine[]) => void;
  bytes?: (bytes: Uint8Array) => void;
  end: (end: z.infer<typeof StreamEnd>) => void;
};
export type OpenStream = {
  input: (bytes: Uint8Array) => void;
  resize: (columns: number, rows: number) => void;
  /** What it shows is kept with the audit. */
  recorded: boolean;
  close: () => void;
};
const ANSWER_WITHIN_MS = 20_000;
/** Time, task and framing of a line on the wire, about; credit is given back in bytes. */
const LINE_OVERHEAD = 80;

const sizeOf = (lines: readonly StreamLine[]) =>
  lines.reduce((sum, line) => sum + line.text.length + LINE_OVERHEAD, 0);

type Opened = Extract<z.infer<typeof StreamAnswer>, { ok: true }>;

const ask = async (socket: Socket, request: z.input<typeof StreamRequest>): Promise<Opened> => {
  const raw = await socket
    .timeout(ANSWER_WITHIN_MS)
    .emitWithAck('open', request)
    .catch(() => {
      throw new ApiError({
        status: 0,
        code: 'unreachable',
        detail: 'The console did not answer in time.',
        hint: 'Try again in a moment.',
      });
    });
  const answer = StreamAnswer.parse(raw);
  if (answer.ok) return answer;
  const { code, message, hint } = answer;
  throw new ApiError({ status: 0, code, detail: message, hint });
};

/**
 * Opens a log or terminal stream. What arrives between the answer and the caller's turn is not lost: events are
 * kept until the id is known. Credit goes back as lines and bytes are handed on.
 */
export const openStream = async (
  request: z.input<typeof StreamRequest>,
  on: StreamEvents,
): Promise<OpenStream> => {
  const socket = streamSocket();
  // A second CONNECT while the first is under way would have the server end the whole connection.
  if (!socket.active) socket.connect();
  let streamId: string | null = null;
  const early: (() => void)[] = [];
  const whenKnown = (act: () => void) => (streamId === null ? void early.push(act) : act());
  const mine = (id: string) => id === streamId;
  const consumed = (bytes: number) => socket.emit('consumed', { streamId, bytes });

  const onLines = (raw: unknown) => {
    const { streamId: id, lines } = raw as z.infer<typeof StreamLines>;
    whenKnown(() => {
      if (!mine(id)) return;
      on.lines?.(lines);
      consumed(sizeOf(lines));
    });
  };
  const onBytes = (raw: unknown) => {
    const { streamId: id, bytes } = raw as z.infer<typeof StreamBytes>;
    whenKnown(() => {
      if (!mine(id)) return;
      on.bytes?.(new Uint8Array(bytes));
      consumed(bytes.byteLength);
    });
  };
  const forget = () => {
    socket.off('lines', onLines);
    socket.off('bytes', onBytes);
    socket.off('end', onEnd);
    socket.off('disconnect', onDisconnect);
  };
  const onEnd = (raw: unknown) => {
    const end = StreamEnd.parse(raw);
    whenKnown(() => {
      if (!mine(end.streamId)) return;
      forget();
      on.end(end);
    });
  };
  const onDisconnect = () => {
    forget();
    on.end({ streamId: streamId ?? '', reason: 'The connection to the console was lost.' });
  };
  socket.on('lines', onLines);
  socket.on('bytes', onBytes);
  socket.on('end', onEnd);
  socket.on('disconnect', onDisconnect);
  let recorded = false;
  try {
    const opened = await ask(socket, request);
    streamId = opened.streamId;
    recorded = opened.recorded ?? false;
  } catch (error) {
    forget();
    throw error;
  }
  for (const act of early.splice(0)) act();
  return {
    recorded,
    input: (bytes) => socket.emit('input', { streamId, bytes }),
    resize: (columns, rows) => socket.emit('resize', { streamId, columns, rows }),
    close: () => {
      forget();
      if (socket.connected) socket.emit('close', { streamId });
    },
  };
};
