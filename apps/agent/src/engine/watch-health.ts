import type { Engine } from './engine.ts';
import type { EngineEvent } from './events.ts';
import { LABEL, type SeenContainer } from './seen.ts';

const ASK_MS = 10_000;
const HEALTH = ['starting', 'healthy', 'unhealthy'] as const;
type Health = SeenContainer['health'];

const healthIn = (status: string | undefined): Health => HEALTH.find((one) => one === status) ?? 'none';

/** What is known of the health of running containers, and a look at it. */
export type HealthWatch = {
  /** Asks for the health of every container of ours that is checked; a change is told as an engine's event is. */
  look(): Promise<void>;
  of(containerId: string): Health | undefined;
};

/**
 * Podman's compatible API tells of health neither in its list nor in its events, only of a container that is asked for by
 * itself. Who checks there is systemd, by timers of Podman's.
 */
export const watchHealth = (
  engine: Engine,
  nodeId: string,
  onChange: (event: EngineEvent) => void,
): HealthWatch => {
  const known = new Map<string, Health>();
  /** The first look finds what is so, which is listed; a change is what a later one finds. */
  let begun = false;

  const lookAt = async (id: string): Promise<void> => {
    const before = known.get(id);
    // A check is part of what a container was made with.
    if (before === 'none') return;
    const { Name, Config, State } = await engine.docker
      .getContainer(id)
      .inspect({ abortSignal: AbortSignal.timeout(ASK_MS) });
    const health = healthIn(State.Health?.Status);
    known.set(id, health);
    if (!begun || health === 'none' || health === before) return;
    onChange({
      Action: `health_status: ${health}`,
      Actor: { ID: id, Attributes: { ...Config.Labels, name: Name.replace(/^\//, '') } },
      time: Math.floor(Date.now() / 1000),
    });
  };

  const look = async (): Promise<void> => {
    const running = await engine.docker.listContainers({
      filters: { label: [`${LABEL.node}=${nodeId}`], status: ['running'] },
      abortSignal: AbortSignal.timeout(ASK_MS),
    } as Parameters<typeof engine.docker.listContainers>[0]);
    const ids = new Set(running.map(({ Id }) => Id));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    // One that has ended meanwhile is told of by an event.
    await Promise.all([...ids].map((id) => lookAt(id).catch(() => undefined)));
    begun = true;
  };

  return { look, of: (containerId) => known.get(containerId) };
};
