import { setTimeout as pause } from 'node:timers/promises';
import {
  StreamAnswer,
  StreamEnd,
  type StreamLine,
  StreamLines,
  type StreamRequest,
} from '@portreeve/contract';
import type { Command } from 'commander';
import { io } from 'socket.io-client';
import { env } from '../env.ts';
import { findService } from '../find.ts';
import { createLogResume } from '../log-resume.ts';
import { wholeNumber } from '../numbers.ts';
import { faint, line, safe } from '../print.ts';
import { settings } from '../settings.ts';

type LogRequest = Extract<StreamRequest, { kind: 'logs' }>;
type Options = { project: string; follow: boolean; tail: number; since?: string };

const request = (serviceId: string, options: Options): LogRequest => ({
  kind: 'logs',
  serviceId,
  follow: options.follow,
  tail: options.tail,
  since: options.since,
  endedHours: 1,
});

const printLine = ({ at, slot, stream, text }: StreamLine): void => {
  const said = `${faint(`${at} ${slot}`)} ${safe(text)}`;
  line(stream === 'life' ? faint(`${at} ${slot} ── ${safe(text)}`) : said);
};

/** How one connection ended: as the server said, by being cut, or by a refusal that another try would not change. */
type Outcome = { how: 'ended' | 'cut' | 'refused'; text: string; opened: boolean };

const OF_THE_MOMENT = new Set(['database.unavailable', 'node.unreachable', 'deadline.exceeded', 'internal']);
const howOf = (code: string | undefined): Outcome['how'] =>
  code === undefined || OF_THE_MOMENT.has(code) ? 'cut' : 'refused';

const readOnce = (wanted: StreamRequest, show: (lines: readonly StreamLine[]) => void): Promise<Outcome> =>
  new Promise((resolve) => {
    const { url, token, caPem } = settings();
    const socket = io(`${url}/streams`, {
      transports: ['websocket'],
      auth: { token },
      ca: caPem,
      reconnection: false,
      forceNew: true,
    });
    let opened = false;
    const finish = (how: Outcome['how'], text: string): void => {
      socket.removeAllListeners();
      socket.disconnect();
      resolve({ how, text, opened });
    };
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) =>
      finish(howOf(error.data?.code), `The console refused the connection: ${error.message}`),
    );
    socket.on('signed-out', (text: unknown) => finish('refused', String(text)));
    socket.on('disconnect', () => finish('cut', 'The console closed the connection.'));
    socket.on('lines', (payload) => {
      const { streamId, lines } = StreamLines.parse(payload);
      show(lines);
      socket.emit('consumed', { streamId, bytes: lines.reduce((sum, { text }) => sum + text.length, 0) });
    });
    socket.on('end', (payload) => finish('ended', StreamEnd.parse(payload).reason));
    socket.emit('open', wanted, (answer: unknown) => {
      const said = StreamAnswer.parse(answer);
      opened = said.ok;
      if (!said.ok) finish(howOf(said.code), [said.message, said.hint].filter(Boolean).join(' '));
    });
  });

const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 5_000;
/** Nothing of what was written meanwhile is to be left out. */
const LONGEST_TAIL = 10_000;

/** Reads a log to its end; a followed one goes on by itself when the console is back, with no line twice. */
const read = async (wanted: LogRequest): Promise<void> => {
  const resume = createLogResume();
  let request = wanted;
  let begun = false;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LAST_WAIT_MS, wait * 2)) {
    const { how, text, opened } = await readOnce(request, (lines) => resume.take(lines).forEach(printLine));
    if (how === 'ended' && !wanted.follow) return line(faint(safe(text)));
    if (how === 'refused' || !wanted.follow || !(begun || opened)) throw new Error(safe(text));
    if (opened) {
      line(faint(`── ${safe(text)} The log goes on here when the console can be reached.`));
      wait = FIRST_WAIT_MS;
    }
    begun = true;
    const since = resume.cut();
    if (since !== undefined) request = { ...wanted, since, tail: LONGEST_TAIL };
    await pause(wait);
  }
};

/** Logs of every task of a service, merged by time. */
export const logsCommand = (program: Command): void => {
  program
    .command('logs <stack/service>')
    .description('logs of every task of a service, merged')
    .option('-p, --project <path>', 'project', env.project ?? '/')
    .option('-f, --follow', 'go on with new lines', false)
    .option('-n, --tail <lines>', 'lines per task', wholeNumber(0), 200)
    .option('--since <time>', 'ISO 8601')
    .action(async (path: string, options: Options) => {
      const { id } = await findService(path, options.project);
      await read(request(id, options));
    });
};
