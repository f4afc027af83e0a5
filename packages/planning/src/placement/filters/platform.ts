import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import type { PlacementRequest } from '../types.ts';

const wanted = ({ platform: p }: PlacementRequest): string =>
  p?.architecture === undefined ? `${p?.os}` : `${p.os}/${p.architecture}`;

/** Operating system and, where the image names one, architecture. */
export const platform: Filter = {
  name: 'platform',
  applies: (request) => request.platform !== undefined,
  check: ({ platform: p }, { seen }) =>
    p === undefined ||
    (p.os === seen.os && (p.architecture === undefined || p.architecture === seen.architecture)),
  explain: (request, nodes, subject) =>
    say(subject, nodes.length, `is not ${wanted(request)}`, `are not ${wanted(request)}`),
  remedy: () => undefined,
};
