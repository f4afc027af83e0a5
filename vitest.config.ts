import { defineConfig } from 'vitest/config';

const EVERYWHERE = ['packages/**', 'apps/**', 'examples/**', 'e2e/faults/**'];
const tests = (suffix: string) => EVERYWHERE.map((folder) => `${folder}/*${suffix}`);
/** Conditions are waited for, never slept for; a crowded machine only makes the wait longer. */
const PATIENT = { expect: { poll: { timeout: 15_000, interval: 50 } } };
const IGNORED = ['**/node_modules/**', '**/dist/**', '**/.next/**'];

// Two slow cores that a neighbour may take: what meets real engines and databases gets a second try in CI, and says so.
const retry = process.env.CI === undefined ? 0 : 1;

export default defineConfig({
  test: {
    // Two cores, and many of these tests start servers and engines of their own.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          ...PATIENT,
          testTimeout: 30_000,
          include: tests('.test.ts').concat(tests('.test.tsx')),
          exclude: [...IGNORED, ...['db', 'engine'].map((kind) => `**/*.${kind}.test.ts`)],
        },
      },
      {
        test: {
          name: 'database',
          retry,
          ...PATIENT,
          include: tests('.db.test.ts'),
          exclude: IGNORED,
          globalSetup: './apps/server/src/platform/db/test-setup.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'engine',
          retry,
          ...PATIENT,
          // The lab's own tests start hosts with engines too.
          include: [...tests('.engine.test.ts'), 'e2e/lab/**/*.test.ts', 'e2e/console/**/*.engine.test.ts'],
          exclude: IGNORED,
          globalSetup: './apps/server/src/platform/db/test-setup.ts',
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Hosts of the lab share the machine's bridges: one file at a time.
          fileParallelism: false,
        },
      },
    ],
  },
});
