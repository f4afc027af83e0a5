import type { StreamRequest } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Watcher } from '../live/watch.ts';
import type { BrowserEnd } from './browser-end.ts';
import type { AgentStream } from './bulk-door.ts';
import { type DialDeps, dialAgents } from './dial.ts';
import type { OpenStream } from './open-stream.ts';
import { endStreams, type StreamTask } from './streams.store.ts';

export type TerminalRequest = Extract<StreamRequest, { kind: 'terminal' }>;

/** The better shell where there is one. */
const SHELL = ['sh', '-c', 'command -v bash >/dev/null && exec bash || exec sh'];
const LIFETIME_MS = 4 * 3_600_000;
/** Typed before the agent has dialled in. */
const MOST_EARLY = 64;

type TerminalDeps = DialDeps & { onClosed(reason: string): void };

/** A terminal in a task's container. Resolves when its agent has agreed to open it; throws what keeps it from that. */
export const openTerminal = async (
  deps: TerminalDeps,
  request: TerminalRequest,
  task: StreamTask,
  watcher: Watcher,
  page: BrowserEnd,
): Promise<OpenStream> => {
  const { nodeId } = task;
  if (nodeId === null || task.final)
    throw new DomainError(
      'conflict.state',
      `The task ${task.serviceName}.${task.slot} has no running container.`,
      {
        hint: 'A terminal needs one; its log can still be read.',
      },
    );
  let agent: AgentStream | undefined;
  let over = false;
  let id: string | undefined;
  let size = { columns: request.columns, rows: request.rows };
  const early: Uint8Array[] = [];

  const finish = (reason: string, exitCode?: number): void => {
    if (over) return;
    over = true;
    clearTimeout(deadlineTimer);
    agent?.close();
    page.end(reason, exitCode);
    deps.onClosed(reason);
    if (!id) return;
    deps.door.forget(id);
    endStreams(deps.database.prisma, [id], reason).catch(() => undefined);
  };
  const deadline = new Date(Date.now() + LIFETIME_MS);
  const deadlineTimer = setTimeout(() => finish('A terminal stays open for 4 hours at most.'), LIFETIME_MS);
  const handlers = {
    onOpen: (stream: AgentStream) => {
      if (over) return stream.close();
      agent = stream;
      stream.resize(size.columns, size.rows);
      for (const bytes of early.splice(0)) stream.input(bytes);
    },
    onData: ({ bytes }: { bytes?: Uint8Array | undefined }) => {
      if (bytes) page.bytes(bytes, () => agent?.grant(bytes.byteLength));
    },
    onEnd: finish,
    onLost: finish,
  };
  const command = request.command.length > 0 ? request.command : SHELL;
  const open = { kind: 'terminal' as const, taskId: task.id, command, ...size };
  try {
    const asker = { watcher, permission: 'service.exec' as const, deadline };
    const { ids, asked } = await dialAgents(deps, [{ taskId: task.id, nodeId, open, handlers }], asker);
    id = ids[0];
    await asked[0];
  } catch (error) {
    clearTimeout(deadlineTimer);
    over = true;
    deps.onClosed(error instanceof Error ? error.message : String(error));
    throw error;
  }
  return {
    consumed: page.consumed,
    input: (bytes) => {
      if (agent) agent.input(bytes);
      else if (early.length < MOST_EARLY) early.push(bytes);
    },
    resize: (columns, rows) => {
      size = { columns, rows };
      agent?.resize(columns, rows);
    },
    end: finish,
  };
};
