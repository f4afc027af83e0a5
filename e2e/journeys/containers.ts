import { dockerOf } from '../lab/docker.ts';
import type { Lab } from '../lab/lab.ts';

const ofHost = async (host: Lab['hosts'][number]): Promise<string[]> => {
  const docker = dockerOf(host);
  const running = await docker.listContainers();
  const found = await Promise.all(running.map(({ Id }) => docker.getContainer(Id).inspect()));
  return found.map(({ Id, State }) => `${host.name} ${Id} ${State.Pid}`);
};

/** Every running container with its process: the same list twice means that none was touched. */
export const containersOf = async (lab: Lab): Promise<string[]> =>
  (await Promise.all(lab.hosts.map(ofHost))).flat().sort();
