import { StreamAnswer, StreamEnd, StreamLines, type StreamRequest } from '@portreeve/contract';
import type { Command } from 'commander';
import { io } from 'socket.io-client';
import { env } from '../env.ts';
import { findService } from '../find.ts';
import { faint, line, safe } from '../print.ts';
import { settings } from '../settings.ts';

type Options = { project: string; follow: boolean; tail: string; since?: string };

const request = (serviceId: string, options: Options): StreamRequest => ({
  kind: 'logs',
  serviceId,
  follow: options.follow,
  tail: Number(options.tail),
  since: options.since,
  endedHours: 1,
});

const printLines = (payload: unknown): { streamId: string; bytes: number } => {
  const { streamId, lines } = StreamLines.parse(payload);
  for (const { at, slot, stream, text } of lines) {
    const said = `${faint(`${at} ${slot}`)} ${safe(text)}`;
    line(stream === 'life' ? faint(`${at} ${slot} ── ${safe(text)}`) : said);
  }
  return { streamId, bytes: lines.reduce((sum, { text }) => sum + text.length, 0) };
};

const stream = (wanted: StreamRequest): Promise<void> =>
  new Promise((resolve, reject) => {
    const { url, token, caPem } = settings();
    const socket = io(`${url}/streams`, {
      transports: ['websocket'],
      auth: { token },
      ca: caPem,
      reconnection: false,
    });
    const finish = (error?: Error): void => {
      socket.disconnect();
      error ? reject(error) : resolve();
    };
    socket.on('connect_error', (error) =>
      finish(new Error(`The console refused the connection: ${error.message}`)),
    );
    socket.on('disconnect', () =>
      finish(new Error('The console closed the connection; run the command again.')),
    );
    socket.on('lines', (payload) => socket.emit('consumed', printLines(payload)));
    socket.on('end', (payload) => {
      const { reason } = StreamEnd.parse(payload);
      socket.off('disconnect');
      line(faint(safe(reason)));
      finish();
    });
    socket.emit('open', wanted, (answer: unknown) => {
      const opened = StreamAnswer.parse(answer);
      if (!opened.ok) finish(new Error(opened.message));
    });
  });

/** Logs of every task of a service, merged by time. */
export const logsCommand = (program: Command): void => {
  program
    .command('logs <stack/service>')
    .description('logs of every task of a service, merged')
    .option('-p, --project <path>', 'project', env.project ?? '/')
    .option('-f, --follow', 'go on with new lines', false)
    .option('-n, --tail <lines>', 'lines per task', '200')
    .option('--since <time>', 'ISO 8601')
    .action(async (path: string, options: Options) => {
      const { id } = await findService(path, options.project);
      await stream(request(id, options));
    });
};
