import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Which way a piece of bytes goes: towards what the wire leads to, or back. */
export type Way = 'there' | 'back';

/** A TCP connection that a test can break, between anything here and one address. */
export interface Wire {
  /** The same URL with this wire in between. The wire leads to the host of the last one asked. */
  url(target: string): string;
  /** Hangs up, and refuses whoever comes. */
  cut(): void;
  /** Accepts and passes nothing on, as a network that drops does; what was held arrives after `mend`. */
  hold(): void;
  /** Everything takes that much longer, each way. */
  delay(ms: number): void;
  mend(): void;
  /** Asked for each piece; what it does not let through is gone. */
  tap(passes: ((bytes: Buffer, way: Way) => boolean) | undefined): void;
  close(): void;
}

/** Starts a wire on a free port of loopback. */
export async function startWire(): Promise<Wire> {
  const open = new Set<Socket>();
  let target = { host: '127.0.0.1', port: 0 };
  let isCut = false;
  let delayMs = 0;
  let passes: ((bytes: Buffer, way: Way) => boolean) | undefined;
  let held = Promise.resolve();
  let release = (): void => undefined;

  const carry = (from: Socket, to: Socket, way: Way): void => {
    let turn = Promise.resolve();
    const pass = async (bytes: Buffer, due: number): Promise<void> => {
      if (due > Date.now()) await pause(due - Date.now());
      await held;
      if (!to.destroyed && (passes?.(bytes, way) ?? true)) to.write(bytes);
    };
    open.add(from);
    from.on('data', (bytes: Buffer) => {
      const due = delayMs === 0 ? 0 : Date.now() + delayMs;
      turn = turn.then(() => pass(bytes, due));
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      open.delete(from);
      void turn.then(() => to.end());
    });
  };
  const hangUp = (): void => {
    for (const socket of open) socket.destroy();
  };
  const relay = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(target);
    near.setNoDelay(true);
    far.setNoDelay(true);
    carry(near, far, 'there');
    carry(far, near, 'back');
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const { port } = relay.address() as AddressInfo;
  const mend = (): void => {
    isCut = false;
    delayMs = 0;
    release();
  };
  return {
    url: (wanted) => {
      const url = new URL(wanted);
      target = { host: url.hostname, port: Number(url.port || 5432) };
      url.hostname = '127.0.0.1';
      url.port = String(port);
      return url.toString();
    },
    cut: () => {
      isCut = true;
      hangUp();
    },
    hold: () => {
      held = new Promise((resolve) => {
        release = resolve;
      });
    },
    delay: (ms) => {
      delayMs = ms;
    },
    mend,
    tap: (next) => {
      passes = next;
    },
    close: () => {
      mend();
      hangUp();
      relay.close();
    },
  };
}
