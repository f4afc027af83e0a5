import { runsArchitecture } from '../architecture.ts';
import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import type { PlacementNode, PlacementRequest } from '../types.ts';

type Platform = NonNullable<PlacementRequest['platforms']>[number];

const inWords = ({ os, architecture }: Platform): string =>
  architecture === undefined ? os : `${os}/${architecture}`;

const wanted = ({ platforms = [] }: PlacementRequest): string =>
  [...new Set(platforms.map(inWords))].join(' or ');

const runs = ({ os, architecture }: Platform, node: PlacementNode): boolean =>
  os === node.os && (architecture === undefined || runsArchitecture(node.architecture, architecture));

/** Operating system and architecture: what the file says, else what the image is made for. */
export const platform: Filter = {
  name: 'platform',
  applies: (request) => request.platforms !== undefined,
  check: ({ platforms = [] }, { seen }) => platforms.some((one) => runs(one, seen)),
  explain: (request, nodes, subject) =>
    say(subject, nodes.length, `is not ${wanted(request)}`, `are not ${wanted(request)}`),
  remedy: () => undefined,
};
