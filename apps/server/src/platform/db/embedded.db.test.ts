import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbedded } from './embedded.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portreeve-embedded-'));
  chmodSync(folder, 0o711);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every process of the server says its id and the statement it is about to run. */
const telling = { fsync: 'off', log_statement: 'all', log_line_prefix: 'process %p ' };

describe('a database of our own', () => {
  it('that is killed while its roles are prepared is a failed start, not the end of who started it', async () => {
    let killed = 0;
    const start = startEmbedded({
      folder,
      settings: telling,
      onOutput: (chunk) => {
        const [, pid] = /process (\d+) .*(?:CREATE|ALTER) ROLE/.exec(chunk.toString()) ?? [];
        if (!pid || killed) return;
        killed = Number(pid);
        process.kill(killed, 'SIGKILL');
      },
    });
    await expect(start).rejects.toThrow(/terminated|ended|reset/i);
    expect(killed).toBeGreaterThan(0);
    const again = await startEmbedded({ folder, settings: { fsync: 'off' } });
    await again.stop();
  });
});
