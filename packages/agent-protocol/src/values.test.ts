import { AGENT_FEATURES, type AgentFeature, ExitRecord, NodeFacts } from '@portreeve/domain';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { AgentEvent, DesiredDocument, Leaving, Report } from './index.ts';

type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  valueType?: z.ZodType;
  options?: z.ZodType[];
  entries?: Record<string, string>;
  values?: unknown[];
};

/** Every value that is one of a fixed set, as `path=value`. */
const valuesBelow = (schema: z.ZodType, path: string): string[] => {
  const def = schema._zod.def as unknown as Def;
  const own = [...Object.values(def.entries ?? {}), ...(def.values ?? [])].map((value) => `${path}=${value}`);
  const fields = Object.entries(def.shape ?? {}).flatMap(([name, one]) =>
    valuesBelow(one, path === '' ? name : `${path}.${name}`),
  );
  const inner = [...(def.options ?? []), def.element, def.innerType, def.valueType].flatMap((one) =>
    one ? valuesBelow(one, path) : [],
  );
  return [...own, ...fields, ...inner];
};

/** What agents knew when protocol 1 was first spoken. Nothing is added here. */
const FIRST = {
  availability: ['active', 'cordoned', 'draining'],
  'tasks.desired': ['running', 'stopped'],
  'tasks.pin.kind': ['digest', 'local'],
  'tasks.ports.protocol': ['tcp', 'udp'],
  'tasks.spec.constraints.operator': ['==', '!='],
  'tasks.spec.dependsOn.condition': ['started', 'healthy', 'completed'],
  'tasks.spec.ipc': ['private', 'host', 'shareable', 'none'],
  'tasks.spec.mode': ['replicated', 'global'],
  'tasks.spec.mounts.kind': ['volume', 'bind', 'tmpfs'],
  'tasks.spec.mounts.propagation': ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'],
  'tasks.spec.networkMode': ['stack', 'host', 'none'],
  'tasks.spec.pid': ['private', 'host'],
  'tasks.spec.ports.protocol': ['tcp', 'udp'],
  'tasks.spec.pullPolicy': ['always', 'missing', 'never'],
  'tasks.spec.restart.condition': ['none', 'on-failure', 'any'],
  'tasks.spec.rollback.failureAction': ['pause', 'continue', 'rollback'],
  'tasks.spec.rollback.order': ['start-first', 'stop-first'],
  'tasks.spec.strategy': ['spread', 'binpack'],
  'tasks.spec.update.failureAction': ['pause', 'continue', 'rollback'],
  'tasks.spec.update.order': ['start-first', 'stop-first'],
};

/** What they learned since, and the feature by which an agent says that it knows it. */
const LEARNED: Record<string, AgentFeature> = { 'tasks.spec.networkMode=bridge': 'network-mode-bridge' };

test('V3 a document holds no value that an older agent does not know, but those that an agent must name', () => {
  const first = Object.entries(FIRST).flatMap(([path, values]) => values.map((value) => `${path}=${value}`));
  const known = [...first, ...Object.keys(LEARNED)].sort();
  expect([...new Set(valuesBelow(DesiredDocument, ''))].sort()).toEqual(known);
  expect(Object.values(LEARNED).sort()).toEqual(Object.keys(AGENT_FEATURES).sort());
});

test('V4 what a newer agent says in words that are not known here leaves the rest of its message as it is', () => {
  const at = '2026-01-01T00:00:00.000Z';
  expect(AgentEvent.parse({ at, kind: 'weather', text: 'it rains' })).toMatchObject({ text: 'it rains' });
  expect(Leaving.parse({ reason: 'moving', backWithinMs: 5_000 }).backWithinMs).toBe(5_000);
  expect(NodeFacts.shape.engine.parse({ reachable: true, imageStore: 'tape' }).reachable).toBe(true);
  const record = {
    attempt: 1,
    containerId: 'c',
    endedAt: at,
    outOfMemory: false,
    reason: 'gone',
    logTail: '',
  };
  const exit = { taskId: '01900000-0000-7000-8000-0000000000a1', record: { ...record, endedBy: 'a-ghost' } };
  expect(Report.shape.exits.element.parse(exit).record).toMatchObject(record);
  expect(ExitRecord.safeParse(exit.record).success).toBe(false);
});
