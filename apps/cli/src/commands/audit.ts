import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readCheckpoint, routes } from '@portreeve/contract';
import type { Command } from 'commander';
import { ask, call } from '../client.ts';
import { env } from '../env.ts';
import { json, line, safe } from '../print.ts';

type Verify = { checkpoint?: string; json: boolean };
type Export = { project: string; format: 'csv' | 'json'; since?: string; until?: string; search?: string };

const checkpointOf = (text: string | undefined) => {
  const checkpoint = text === undefined ? undefined : readCheckpoint(text);
  if (text === undefined || checkpoint) return checkpoint;
  throw new Error('A checkpoint is written <number>:<hash of 64 characters>.');
};

const verify = async (options: Verify): Promise<void> => {
  const checkpoint = checkpointOf(options.checkpoint);
  let result = await call(routes.audit.verify, { body: { checkpoint } });
  while (result.ok && result.next !== null)
    result = await call(routes.audit.verify, { body: { checkpoint, after: result.next } });
  if (!result.ok) process.exitCode = 1;
  if (options.json) return json(result);
  line(safe(result.text));
  if (!result.ok) line(`${result.problem} at ${safe(result.firstBad ?? '')}`);
  if (result.head) line(`Keep elsewhere: ${result.head.sequence}:${result.head.hash}`);
};

const download = async (file: string | undefined, options: Export): Promise<void> => {
  const response = await ask(routes.audit.export, { query: options });
  if (!response.body) return;
  const body = Readable.fromWeb(response.body as never);
  await pipeline(body, file === undefined ? process.stdout : createWriteStream(file, { mode: 0o600 }));
};

/** Checking the audit, and taking it away. */
export const auditCommands = (program: Command): void => {
  const audit = program.command('audit').description('who did what');
  audit
    .command('verify')
    .description(
      'check the chain; fails when an entry was changed, removed, moved or slipped in, or the end cut off',
    )
    .option('--checkpoint <number:hash>', 'a place in the chain that was kept elsewhere')
    .option('--json', 'what the API answers, for programs', false)
    .action(verify);
  audit
    .command('export [file]')
    .description('write every entry that matches into a file, or to the output')
    .option('-p, --project <path>', 'project', env.project ?? '/')
    .option('--format <csv|json>', 'form', 'csv')
    .option('--since <moment>', 'not before, as 2026-11-30T10:00:00Z')
    .option('--until <moment>', 'not after')
    .option('--search <words>', 'beginnings of words in it')
    .action(download);
};
