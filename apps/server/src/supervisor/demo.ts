import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DomainError } from '@portreeve/domain';
import { say } from './say.ts';
import type { ReadyServer } from './server-process.ts';

type ShopModule = { buildShop(docker: string): Promise<Record<string, string>> };
const NODE_WITHIN_MS = 60_000;

const waitForNode = async (server: ReadyServer): Promise<void> => {
  const deadline = Date.now() + NODE_WITHIN_MS;
  while (Date.now() < deadline) {
    const { body } = await server.call('GET', '/nodes');
    const nodes = (body as { items?: { state: string }[] })?.items ?? [];
    if (nodes.some((node) => node.state === 'ready')) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new DomainError(
    'node.unreachable',
    'No node became ready within a minute, so the demo has nowhere to run.',
  );
};

/** Deploys examples/shop from images made on this host: no registry and no internet needed. */
export const deployDemo = async (
  root: string,
  server: ReadyServer,
  socket: string | undefined,
): Promise<void> => {
  if (!socket) throw new DomainError('engine.unavailable', 'The demo needs a container engine on this host.');
  const present = await server.call('GET', '/stacks/by-name/shop?project=/');
  if (present.status === 200) {
    say('The stack "shop" of the demo is already there.');
    return;
  }
  say('Building the images of examples/shop …');
  const folder = join(root, 'examples/shop');
  const shop: ShopModule = await import(pathToFileURL(join(folder, 'build.ts')).href);
  const values = await shop.buildShop(socket);
  await waitForNode(server);
  const application = {
    files: { 'compose.yaml': readFileSync(join(folder, 'compose.yaml'), 'utf8') },
    entry: 'compose.yaml',
    values,
  };
  const { status, body } = await server.call('PUT', '/stacks/shop?project=/', { application });
  if (status >= 300) {
    const problem = body as { detail?: string; errors?: { message: string }[] } | null;
    const more = problem?.errors?.map((each) => each.message).join(' ') ?? '';
    throw new DomainError(
      'plan.refused',
      `The demo was not deployed: ${problem?.detail ?? status} ${more}`.trim(),
    );
  }
  say('The demo is deployed: stack "shop" in project /.');
};
