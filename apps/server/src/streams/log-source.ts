import { bulkCost, type LogLine } from '@portreeve/agent-protocol';
import type { StreamRequest } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { AgentStream } from './bulk-door.ts';
import type { Wanted } from './dial.ts';
import type { LogMerge } from './merge.ts';
import { createResume } from './resume.ts';
import type { StreamTask } from './streams.store.ts';

export type LogsRequest = Extract<StreamRequest, { kind: 'logs' }>;

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

type Options = {
  request: LogsRequest;
  task: StreamTask;
  /** How many lines of the past to begin with; all when absent. */
  tail: number | undefined;
  merge: LogMerge;
  dialAgain(source: LogSource): Promise<void>;
  isOver(): boolean;
};

type WantedLog = Wanted & {
  /** Its agent could not be asked. False when it has come all the same. */
  refused(reason: string): boolean;
};

/** The log of one task inside a merged one: dialled by its agent, and again after the connection was cut. */
export type LogSource = {
  task(): StreamTask;
  /** What the rows say of it now. */
  known(task: StreamTask): void;
  /** What to ask its agent for; undefined when there is nobody to ask. */
  wanted(): WantedLog | undefined;
  grant(bytes: number): void;
  close(): void;
};

export const createLogSource = (options: Options): LogSource => {
  const { request, tail, merge, dialAgain, isOver } = options;
  const resume = createResume();
  let { task } = options;
  let agent: AgentStream | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  merge.add(task.id, Date.now());

  const say = (text: string): void => {
    const line: LogLine = { at: new Date().toISOString(), stream: 'life', taskId: task.id, attempt: 0, text };
    merge.push(task.id, [line], Date.now());
  };
  /** Said in the log, and tried again while it is followed. */
  const lost = (reason: string): void => {
    agent = undefined;
    if (isOver()) return;
    const goesOn = request.follow && !task.final;
    const hope = goesOn ? ' It goes on here when it can be.' : '';
    if (failures === 0 || !goesOn) say(`The log on ${task.nodeName} cannot be read now: ${reason}${hope}`);
    if (goesOn) tryAgain();
    else merge.end(task.id);
  };
  const tryAgain = (): void => {
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    failures += 1;
    timer = setTimeout(() => {
      dialAgain(source).catch((error: Error) => {
        if (error instanceof DomainError && error.code === 'not-found') return merge.end(task.id);
        lost(error.message);
      });
    }, wait);
  };

  const source: LogSource = {
    task: () => task,
    known: (next) => {
      task = next;
    },
    wanted: () => {
      const { nodeId } = task;
      if (nodeId === null) {
        merge.end(task.id);
        return undefined;
      }
      const cutAt = resume.cut();
      const since = cutAt ?? request.since;
      let opened = false;
      return {
        taskId: task.id,
        nodeId,
        open: {
          kind: 'logs',
          taskId: task.id,
          follow: request.follow && !task.final,
          ...(cutAt === undefined && tail !== undefined && { tail }),
          ...(since && { since }),
          ...(request.until && { until: request.until }),
        },
        handlers: {
          onOpen: (stream) => {
            if (isOver()) return stream.close();
            agent = stream;
            opened = true;
            failures = 0;
          },
          onData: ({ lines = [] }) => {
            const fresh = resume.take(lines);
            merge.push(task.id, fresh, Date.now());
            // What the page has already takes no room there.
            const again = bulkCost({ lines }) - bulkCost({ lines: fresh });
            if (again > 0) agent?.grant(again);
          },
          onEnd: () => {
            agent = undefined;
            merge.end(task.id);
          },
          onLost: lost,
        },
        refused: (reason) => {
          if (opened) return false;
          lost(reason);
          return true;
        },
      };
    },
    grant: (bytes) => agent?.grant(bytes),
    close: () => {
      clearTimeout(timer);
      agent?.close();
    },
  };
  return source;
};
