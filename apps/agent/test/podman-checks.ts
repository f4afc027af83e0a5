import type Docker from 'dockerode';

const EVERY_MS = 500;

const isPodman = async (docker: Docker): Promise<boolean> => {
  const { Components } = (await docker.version()) as { Components?: { Name: string }[] };
  return Components?.some(({ Name }) => Name.includes('Podman')) ?? false;
};

const check = (docker: Docker, id: string): Promise<unknown> =>
  new Promise((resolve) => {
    const path = `/v4.0.0/libpod/containers/${id}/healthcheck`;
    const statusCodes = { 200: true, 404: 'gone', 409: 'not running', 500: 'has no check' };
    docker.modem.dial({ path, method: 'GET', statusCodes }, resolve);
  });

/** Health checks of Podman are run by systemd's timers; hosts of the lab have none, so this does. */
export const runPodmanChecks = async (docker: Docker): Promise<{ stop(): void }> => {
  if (!(await isPodman(docker))) return { stop: () => undefined };
  let checking = false;
  const timer = setInterval(async () => {
    if (checking) return;
    checking = true;
    const running = await docker.listContainers().catch(() => []);
    await Promise.all(running.map(({ Id }) => check(docker, Id)));
    checking = false;
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
};
