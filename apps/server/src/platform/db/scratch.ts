import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, startEmbedded } from './embedded.ts';

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(address)));
    });
  });

/** A PostgreSQL that forgets: for tests, drills and the making of migrations. `stop` removes everything of it. */
export const startScratch = async (settings: Record<string, string> = {}): Promise<EmbeddedServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-scratch-'));
  chmodSync(folder, 0o711);
  const server = await startEmbedded({
    folder,
    tcpPort: await freePort(),
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '300',
      ...settings,
    },
  });
  const removeAtExit = () => {
    server.process.kill('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', removeAtExit);
  return {
    ...server,
    stop: async () => {
      await server.stop();
      process.removeListener('exit', removeAtExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
