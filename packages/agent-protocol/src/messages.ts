import { ExitRecord, NodeFacts, NodePressure, TaskState } from '@portreeve/domain';
import { z } from 'zod';

/** Agent → server, first message of a control connection. */
export const Hello = z.object({
  protocol: z.object({ min: z.number().int(), max: z.number().int() }),
  agentVersion: z.string(),
  clusterId: z.uuid(),
  nodeId: z.uuid(),
  /** Changes with every start of the agent's process. */
  instanceId: z.uuid(),
  startedAt: z.iso.datetime(),
  clock: z.iso.datetime(),
  have: z.object({ epoch: z.number().int(), generation: z.number().int() }),
  facts: NodeFacts,
  /** Why the last connection ended, for the node's page. */
  lastDisconnect: z.object({ at: z.iso.datetime(), reason: z.string() }).optional(),
});
export type Hello = z.infer<typeof Hello>;

/** Server's answer to `hello`. */
export const Welcome = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    protocol: z.number().int(),
    serverId: z.uuid(),
    /** Every server's own agent address, `https://host:7401`; the agent stores them and tries them in turn. */
    servers: z.array(z.string()),
    beatMs: z.number().int(),
    leaseMs: z.number().int(),
    order: z.object({ epoch: z.number().int(), generation: z.number().int() }),
    caCertificates: z.array(z.string()),
    /** Clock of the server at the answer, for the skew. */
    clock: z.iso.datetime(),
    /** True: a complete report may come in several (SPEC.md, R4). Servers that do not say so need it in one. */
    reportsInParts: z.boolean().optional(),
  }),
  z.object({ ok: z.literal(false), reason: z.string(), message: z.string(), retryAfterMs: z.number().int() }),
]);
export type Welcome = z.infer<typeof Welcome>;

/** Agent → server, every `beatMs` with jitter; the answer is what the agent's watchdog waits for (SPEC.md, L1–L4). */
export const Beat = z.object({
  sequence: z.number().int(),
  clock: z.iso.datetime(),
  pressure: NodePressure.optional(),
});
export type Beat = z.infer<typeof Beat>;
export const BeatAnswer = z.object({
  clock: z.iso.datetime(),
  beatMs: z.number().int(),
  leaseMs: z.number().int(),
  /** Every server's own agent address, when they are others than the agent was told last (SPEC.md, L5). */
  servers: z.array(z.string()).optional(),
});
export type BeatAnswer = z.infer<typeof BeatAnswer>;

export const TaskReport = z.object({
  taskId: z.uuid(),
  state: TaskState,
  ready: z.boolean(),
  at: z.iso.datetime(),
  attempt: z.number().int().nonnegative(),
  containerId: z.string().optional(),
  imageReady: z.boolean().default(false),
  /** One sentence: why it waits, failed or was refused. */
  reason: z.string().default(''),
  /** When the next attempt starts; set between attempts. */
  restartAt: z.iso.datetime().optional(),
  pull: z.object({ currentBytes: z.number(), totalBytes: z.number() }).optional(),
  health: z
    .object({ passed: z.number().int(), failed: z.number().int(), output: z.string().optional() })
    .optional(),
});
export type TaskReport = z.infer<typeof TaskReport>;

/** A line of the timeline: an engine call of ours with its result, or an engine event. */
export const AgentEvent = z.object({
  at: z.iso.datetime(),
  kind: z.enum(['engine-call', 'engine-event', 'agent']).catch('agent'),
  taskId: z.uuid().optional(),
  text: z.string(),
  durationMs: z.number().optional(),
  ok: z.boolean().default(true),
});
export type AgentEvent = z.infer<typeof AgentEvent>;

/** What a newer agent says of who ended it is in the reason too. */
const ReportedExit = ExitRecord.extend({ endedBy: ExitRecord.shape.endedBy.catch('outside') });

/** Agent → server; kept in the outbox until the server says it is stored (SPEC.md, R1–R3). */
export const Report = z.object({
  /** Rises for ever, across restarts of the agent. */
  sequence: z.number().int(),
  /** True: `tasks`, with those of `told`, are every task the agent has, and what is missing is gone. */
  complete: z.boolean(),
  /** Tasks of a complete report that earlier reports of this connection have told of (SPEC.md, R4). */
  told: z.array(z.uuid()).optional(),
  tasks: z.array(TaskReport),
  exits: z.array(z.object({ taskId: z.uuid(), record: ReportedExit })),
  events: z.array(AgentEvent),
});
export type Report = z.infer<typeof Report>;
export const ReportAnswer = z.object({
  stored: z.boolean(),
  sequence: z.number().int(),
  retryAfterMs: z.number().int().optional(),
});
export type ReportAnswer = z.infer<typeof ReportAnswer>;

/** Agent → server before a wanted restart, so that its silence raises no alarm. */
export const Leaving = z.object({
  reason: z.enum(['restart', 'upgrade', 'stop', 'shutdown']).catch('stop'),
  backWithinMs: z.number().int(),
});
export type Leaving = z.infer<typeof Leaving>;

/** One piece of a signed desired document (SPEC.md, D5). The bytes joined are verified before they are parsed. */
export const DesiredPart = z.object({
  epoch: z.number().int(),
  generation: z.number().int(),
  part: z.number().int(),
  parts: z.number().int().max(4096),
  bytes: z.instanceof(Uint8Array),
  /** In the last part only. */
  signature: z.string().optional(),
  keyCertificate: z.string().optional(),
});
export type DesiredPart = z.infer<typeof DesiredPart>;
export const DesiredAnswer = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true) }),
  z.object({ accepted: z.literal(false), reason: z.string() }),
]);
export type DesiredAnswer = z.infer<typeof DesiredAnswer>;

/** Which remote tasks are ready now; a hint, replaced whole per network, never persisted as desired state. */
export const Readiness = z.object({
  version: z.number().int(),
  networks: z.array(z.object({ networkId: z.uuid(), ready: z.array(z.uuid()) })),
});
export type Readiness = z.infer<typeof Readiness>;

export const LogsOpen = z.object({
  kind: z.literal('logs'),
  taskId: z.uuid(),
  follow: z.boolean(),
  tail: z.number().int().nonnegative().optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  /** Only this attempt; absent: all, with a line of the life cycle between them. */
  attempt: z.number().int().optional(),
});
export const TerminalOpen = z.object({
  kind: z.literal('terminal'),
  taskId: z.uuid(),
  command: z.array(z.string()),
  columns: z.number().int(),
  rows: z.number().int(),
  user: z.string().optional(),
});
export const StreamOpen = z.discriminatedUnion('kind', [LogsOpen, TerminalOpen]);
export type StreamOpen = z.infer<typeof StreamOpen>;

/** Server → agent with an id and a deadline; the acknowledgement is a `RequestAnswer`. Repeating one changes nothing. */
export const Request = z.object({
  id: z.uuid(),
  deadline: z.iso.datetime(),
  /** True: an answer that is too large for a message may come in parts (SPEC.md, Q3). */
  inParts: z.boolean().optional(),
  body: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('stats'), taskIds: z.array(z.uuid()).optional() }),
    z.object({ kind: z.literal('metrics'), taskId: z.uuid().optional(), minutes: z.number().int() }),
    z.object({ kind: z.literal('containers') }),
    z.object({ kind: z.literal('figures') }),
    z.object({ kind: z.literal('find-image'), reference: z.string() }),
    z.object({ kind: z.literal('exit-log'), taskId: z.uuid(), attempt: z.number().int() }),
    z.object({ kind: z.literal('remove-volume'), engineName: z.string() }),
    z.object({ kind: z.literal('inspect-task'), taskId: z.uuid() }),
    z.object({
      kind: z.literal('open-stream'),
      streamId: z.uuid(),
      token: z.string(),
      url: z.string(),
      open: StreamOpen,
    }),
  ]),
});
export type Request = z.infer<typeof Request>;
export type RequestBody = Request['body'];

export const TaskStats = z.object({
  taskId: z.uuid(),
  at: z.iso.datetime(),
  cpuCores: z.number(),
  memoryBytes: z.number(),
  memoryLimitBytes: z.number().optional(),
  pids: z.number(),
  receivedBytesPerSecond: z.number(),
  sentBytesPerSecond: z.number(),
});
export type TaskStats = z.infer<typeof TaskStats>;

/** A container at the host's engine; `taskId` only when it is ours by label and by the agent's record. */
export const HostContainer = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  imageId: z.string(),
  state: z.string(),
  status: z.string(),
  createdAt: z.iso.datetime(),
  taskId: z.uuid().optional(),
  compose: z
    .object({
      project: z.string(),
      service: z.string(),
      number: z.number().int(),
      workingDir: z.string().optional(),
      configFiles: z.string().optional(),
    })
    .optional(),
  volumes: z
    .array(
      z.object({
        name: z.string(),
        target: z.string(),
        /** What kind it is and whose, as its engine says; absent where the engine did not tell. */
        driver: z.string().optional(),
        driverOptions: z.record(z.string(), z.string()).optional(),
        composeProject: z.string().optional(),
      }),
    )
    .default([]),
  ports: z.array(z.string()).default([]),
});
export type HostContainer = z.infer<typeof HostContainer>;

/** What an agent says of itself and its host when it is asked, for Prometheus. */
export const AgentFigures = z.object({
  startedAt: z.iso.datetime(),
  pressure: NodePressure.optional(),
  residentBytes: z.number(),
  /** Containers of the host by the engine's state; absent while the engine does not answer. */
  containers: z.array(z.object({ state: z.string(), ours: z.boolean(), count: z.number().int() })).optional(),
  /** Tasks by state. */
  tasks: z.record(z.string(), z.number().int()),
  /** Attempts of the tasks that are here: what is beyond one each was a restart. */
  attempts: z.number().int(),
  /** What the server has still to be told. */
  outbox: z.object({ tasks: z.number().int(), exits: z.number().int(), events: z.number().int() }),
  /** How many servers it knows and would turn to. */
  servers: z.number().int(),
  /** Since its process started. */
  reconnects: z.number().int(),
  certificateExpiresAt: z.iso.datetime(),
});
export type AgentFigures = z.infer<typeof AgentFigures>;

const answers = {
  figures: AgentFigures,
  stats: z.array(TaskStats),
  metrics: z.object({
    series: z.array(
      z.object({ name: z.string(), unit: z.string(), points: z.array(z.tuple([z.number(), z.number()])) }),
    ),
  }),
  containers: z.array(HostContainer),
  'find-image': z.object({
    found: z.boolean(),
    imageId: z.string().optional(),
    repoDigests: z.array(z.string()).default([]),
  }),
  'exit-log': z.object({ found: z.boolean(), text: z.string() }),
  'remove-volume': z.object({ removed: z.boolean(), reason: z.string().default('') }),
  'inspect-task': z.object({ found: z.boolean(), json: z.string() }),
  'open-stream': z.object({ opened: z.boolean(), reason: z.string().default('') }),
} as const;

/** Schema of the `value` of the answer, by kind of request. */
export const RequestValue: { [K in RequestBody['kind']]: (typeof answers)[K] } = answers;
export type RequestValueOf<K extends RequestBody['kind']> = z.infer<(typeof answers)[K]>;

export const RequestAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    value: z.unknown(),
    /** So many parts of the value, as JSON, went before this. */
    parts: z.number().int().positive().optional(),
  }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type RequestAnswer = z.infer<typeof RequestAnswer>;

/** Agent → server ahead of the answer to a request: the next piece of its value, acknowledged (SPEC.md, Q3). */
export const AnswerPart = z.object({
  id: z.uuid(),
  part: z.number().int().nonnegative(),
  bytes: z.instanceof(Uint8Array),
});
export type AnswerPart = z.infer<typeof AnswerPart>;
