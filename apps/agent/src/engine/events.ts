import type { SeenContainer } from './seen.ts';
import { LABEL, stateOf } from './seen.ts';

/** A line of the engine's event stream about a container. */
export type EngineEvent = {
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  time: number;
  timeNano?: number;
};

const STATES: Record<string, SeenContainer['state']> = {
  create: 'created',
  start: 'running',
  unpause: 'running',
  pause: 'paused',
  die: 'exited',
  died: 'exited',
};

const fresh = (event: EngineEvent): SeenContainer => ({
  id: event.Actor.ID,
  name: event.Actor.Attributes.name ?? '',
  taskId: event.Actor.Attributes[LABEL.task] ?? '',
  attempt: Number(event.Actor.Attributes[LABEL.attempt] ?? 0),
  state: stateOf('created'),
  health: 'none',
  killedOutside: false,
});

const healthOf = (action: string): SeenContainer['health'] => {
  if (action.includes('unhealthy')) return 'unhealthy';
  return action.includes('healthy') ? 'healthy' : 'starting';
};

/** An event worth a line of the timeline, as a person says it; undefined for the rest. */
export const eventInWords = (event: EngineEvent): string | undefined => {
  const { name = 'The container', exitCode } = event.Actor.Attributes;
  if (event.Action === 'die' || event.Action === 'died')
    return exitCode === undefined ? `${name} ended.` : `${name} ended with exit code ${exitCode}.`;
  if (event.Action === 'oom') return `${name} was out of memory.`;
  if (!event.Action.startsWith('health_status')) return undefined;
  const health = healthOf(event.Action);
  if (health === 'starting') return undefined;
  return health === 'healthy' ? `The health check of ${name} passes.` : `The health check of ${name} fails.`;
};

/** What a container is after an event of the engine; undefined when it is gone. */
export const afterEvent = (
  seen: SeenContainer | undefined,
  event: EngineEvent,
  stopAskedByUs: boolean,
): SeenContainer | undefined => {
  const container = seen ?? fresh(event);
  // Podman tells of a creation late, when the container may run already.
  if (event.Action === 'create' && seen) return seen;
  if (event.Action === 'destroy' || event.Action === 'remove') return undefined;
  if (event.Action.startsWith('health_status')) return { ...container, health: healthOf(event.Action) };
  if (event.Action === 'kill')
    return { ...container, killedOutside: container.killedOutside || !stopAskedByUs };
  const state = STATES[event.Action];
  if (state === undefined) return container;
  // A container with a health check says "starting" only by being asked: a start forgets what was before.
  return { ...container, state, health: event.Action === 'start' ? 'none' : container.health };
};
