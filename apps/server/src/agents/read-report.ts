import { Report } from '@portreeve/agent-protocol';
import { z } from 'zod';

const Envelope = Report.extend({
  tasks: z.array(z.unknown()),
  exits: z.array(z.unknown()),
  events: z.array(z.unknown()),
  told: z.array(z.unknown()).optional(),
});

const { tasks, exits, events } = Report.shape;
const taskId = z.uuid();

/** Items that can be read, and how many cannot. */
const readable = <T extends z.ZodType>(
  schema: T,
  items: readonly unknown[],
): { read: z.output<T>[]; dropped: number } => {
  const read = items.flatMap((item) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
  return { read, dropped: items.length - read.length };
};

/**
 * Reads a report item by item: one that cannot be read, of a newer agent perhaps, is dropped and counted, since
 * refusing the whole would have the agent send it for ever. Undefined when it is no report at all.
 */
export const readReport = (unverified: unknown): { report: Report; dropped: number } | undefined => {
  const envelope = Envelope.safeParse(unverified);
  if (!envelope.success) return undefined;
  const { sequence, complete } = envelope.data;
  const told = envelope.data.told && readable(taskId, envelope.data.told);
  const parts = {
    tasks: readable(tasks.element, envelope.data.tasks),
    exits: readable(exits.element, envelope.data.exits),
    events: readable(events.element, envelope.data.events),
  };
  return {
    report: {
      sequence,
      complete,
      ...(told && { told: told.read }),
      tasks: parts.tasks.read,
      exits: parts.exits.read,
      events: parts.events.read,
    },
    dropped: (told?.dropped ?? 0) + parts.tasks.dropped + parts.exits.dropped + parts.events.dropped,
  };
};
