import { isWithin } from '@portreeve/domain';
import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';

/** A node takes tasks of its own project and of those below it. */
export const project: Filter = {
  name: 'project',
  applies: () => true,
  check: (request, node) => isWithin(request.projectPath, node.seen.projectPath),
  explain: (_, nodes, subject) => {
    const paths = [...new Set(nodes.map((node) => node.seen.projectPath))].toSorted();
    const where = paths.length > 3 ? 'other projects' : paths.join(', ');
    return say(subject, nodes.length, `belongs to ${where}`, `belong to ${where}`);
  },
  remedy: (request, node) => ({ text: `move ${node.seen.name} to project ${request.projectPath}`, cost: 6 }),
};
