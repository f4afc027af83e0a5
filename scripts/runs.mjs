// Runs of vitest and Playwright that are counted: what passed, what failed, and how long each test took.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environment, ROOT } from './node.mjs';

const NOTHING = { passed: 0, failed: 0, skipped: 0, slow: [] };
/** A run that ended badly without a word on any test counts as one failure. */
const BROKEN = { ...NOTHING, failed: 1 };

/** Says what it has to say as it goes; with its name before each line where another one speaks meanwhile. */
const run = async (command, args, env, name) => {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: environment({ CI: 'true', ...env }),
    stdio: ['ignore', name ? 'pipe' : 'inherit', name ? 'pipe' : 'inherit'],
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => process.stdout.write(`${name} │ ${line}\n`));
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', resolve);
  });
};

const withReport = async (work) => {
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-report-'));
  try {
    return await work(join(folder, 'report.json'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Vitest with these arguments; `name` while another run speaks. */
export const runVitest = (args, { env = {}, name } = {}) =>
  withReport(async (report) => {
    const status = await run(
      'vitest',
      ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      env,
      name,
    );
    if (!existsSync(report)) return status === 0 ? NOTHING : BROKEN;
    const {
      numPassedTests,
      numFailedTests,
      numPendingTests,
      numTodoTests = 0,
      testResults,
    } = JSON.parse(readFileSync(report, 'utf8'));
    const slow = testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ fullName, duration }) => ({ name: fullName, ms: duration ?? 0 })),
    );
    const failed = numFailedTests === 0 && status !== 0 ? 1 : numFailedTests;
    return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests, slow };
  });

const specsOf = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];

/** Playwright with these arguments; nothing where there are no journeys yet. */
export const runPlaywright = async (args, { env = {} } = {}) => {
  if (!existsSync(join(ROOT, 'playwright.config.ts'))) return NOTHING;
  return withReport(async (report) => {
    const status = await run('playwright', ['test', '--reporter=list,json', ...args], {
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
      ...env,
    });
    if (!existsSync(report)) return status === 0 ? NOTHING : BROKEN;
    const { stats, suites } = JSON.parse(readFileSync(report, 'utf8'));
    const slow = suites.flatMap(specsOf).map((spec) => ({
      name: spec.title,
      ms: spec.tests.flatMap((test) => test.results).reduce((sum, result) => sum + result.duration, 0),
    }));
    const failed = stats.unexpected === 0 && status !== 0 ? 1 : stats.unexpected;
    return { passed: stats.expected + stats.flaky, failed, skipped: stats.skipped, slow };
  });
};

/** The sum of several runs. */
export const sum = (runs) =>
  runs.reduce(
    (total, each) => ({
      passed: total.passed + each.passed,
      failed: total.failed + each.failed,
      skipped: total.skipped + each.skipped,
      slow: [...total.slow, ...(each.slow ?? [])],
    }),
    NOTHING,
  );

/** The ten slowest and the last line, which .ci/run reads. */
export const conclude = ({ passed, failed, skipped, slow }) => {
  process.stdout.write('\nThe ten slowest:\n');
  for (const { name, ms } of slow.sort((a, b) => b.ms - a.ms).slice(0, 10))
    process.stdout.write(`  ${(ms / 1_000).toFixed(1).padStart(6)} s  ${name}\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  process.exit(failed === 0 ? 0 : 1);
};
