import type { Duplex } from 'node:stream';
import type { StreamOpen } from '@portreeve/agent-protocol';
import type { Exec } from 'dockerode';
import { engineMessage } from '../engine/call.ts';
import type { Engine } from '../engine/engine.ts';
import type { BulkChannel } from './bulk.ts';

export type TerminalOpen = Extract<StreamOpen, { kind: 'terminal' }>;

const PIECE = 32 * 1024;

const sendBytes = async (channel: BulkChannel, chunk: Buffer): Promise<void> => {
  for (let at = 0; at < chunk.length; at += PIECE)
    await channel.send({ bytes: Uint8Array.from(chunk.subarray(at, at + PIECE)) });
};

/** The engine lets a process live on when its terminal is gone: whoever lost the right to it must not leave it behind. */
const hangUp = async (exec: Exec): Promise<void> => {
  const { Running, Pid } = await exec.inspect().catch(() => ({ Running: false, Pid: 0 }));
  if (!Running || Pid <= 1) return;
  try {
    process.kill(Pid, 'SIGHUP');
    process.kill(Pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
};

/** A process with a terminal in the task's container; ends with the process, the container or the asker. */
export const streamTerminal = async (
  engine: Engine,
  containerId: string,
  open: TerminalOpen,
  channel: BulkChannel,
): Promise<void> => {
  const exec = await engine.docker.getContainer(containerId).exec({
    Cmd: open.command,
    User: open.user,
    Env: ['TERM=xterm-256color'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const terminal: Duplex = await exec.start({ hijack: true, stdin: true, Tty: true });
  const resize = (columns: number, rows: number): void => {
    exec.resize({ w: columns, h: rows }).catch(() => undefined);
  };
  channel.closed.addEventListener(
    'abort',
    () => {
      terminal.destroy();
      void hangUp(exec);
    },
    { once: true },
  );
  channel.onInput((bytes) => terminal.write(bytes));
  channel.onResize((size) => resize(size.columns, size.rows));
  resize(open.columns, open.rows);
  try {
    for await (const chunk of terminal) await sendBytes(channel, chunk as Buffer);
  } catch (error) {
    if (channel.closed.aborted) return;
    channel.end(`the terminal broke: ${engineMessage(error)}`);
    return;
  }
  const { ExitCode } = await exec.inspect().catch(() => ({ ExitCode: undefined }));
  channel.end('the process in the terminal has ended', ExitCode ?? undefined);
};
