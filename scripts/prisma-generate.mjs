// Prisma's own download of an engine is not needed to generate the client; this says so to it.
import { spawnSync } from 'node:child_process';

const result = spawnSync('prisma', ['generate', '--schema', 'prisma/schema.prisma'], {
  stdio: process.argv.includes('--quiet') ? 'ignore' : 'inherit',
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  },
});
process.exit(result.status ?? 1);
