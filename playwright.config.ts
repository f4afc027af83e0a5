import { defineConfig } from '@playwright/test';

const ON_CI = process.env.CI !== undefined;

/** Journeys of an operator through the console, in Debian's Chromium, on the hosts of the lab. */
export default defineConfig({
  testDir: 'e2e/journeys',
  outputDir: 'test-results',
  // A journey owns its lab: hosts share the machine's bridges and two cores.
  workers: 1,
  fullyParallel: false,
  forbidOnly: ON_CI,
  retries: 0,
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: ON_CI ? [['list'], ['html', { open: 'never' }]] : 'list',
  use: {
    viewport: { width: 1440, height: 900 },
    // The lab's console has a certificate of its own cluster.
    ignoreHTTPSErrors: true,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
