/** Labels on everything of ours at an engine. */
export const LABEL = {
  task: 'io.portreeve.task',
  attempt: 'io.portreeve.attempt',
  service: 'io.portreeve.service',
  stack: 'io.portreeve.stack',
  project: 'io.portreeve.project',
  revision: 'io.portreeve.revision',
  node: 'io.portreeve.node',
  cluster: 'io.portreeve.cluster',
  names: 'io.portreeve.names',
} as const;

/** A container that carries our labels for this node, as last seen. */
export type SeenContainer = {
  id: string;
  name: string;
  taskId: string;
  attempt: number;
  state: 'created' | 'running' | 'paused' | 'exited';
  health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /** Somebody other than this agent asked the engine to end it. */
  killedOutside: boolean;
};

/** `Up 3 minutes (healthy)` → healthy; the list of containers says it in no other way. */
export const healthOfStatus = (status: string): SeenContainer['health'] => {
  if (status.includes('(healthy)')) return 'healthy';
  if (status.includes('(unhealthy)')) return 'unhealthy';
  return status.includes('(health: starting)') || status.includes('(starting)') ? 'starting' : 'none';
};

/** The engine's words for a state, made ours. */
export const stateOf = (state: string): SeenContainer['state'] => {
  if (state === 'created' || state === 'configured' || state === 'initialized') return 'created';
  if (state === 'running' || state === 'restarting' || state === 'stopping') return 'running';
  return state === 'paused' ? 'paused' : 'exited';
};
