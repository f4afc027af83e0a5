import type { Constraint } from '@portreeve/domain';
import { architectureOf } from '../architecture.ts';
import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import { nodeValue } from '../node-value.ts';
import type { PlacementNode, PlacementRequest } from '../types.ts';

const ARCHITECTURE = 'node.platform.arch';

/** Compared without regard to case, as Swarm does; a label that is not there equals nothing. */
const holds = ({ key, operator, value }: Constraint, node: PlacementNode): boolean => {
  const is = nodeValue(node, key)?.toLowerCase();
  const equal =
    key === ARCHITECTURE
      ? is !== undefined && architectureOf(is) === architectureOf(value)
      : is === value.toLowerCase();
  return operator === '==' ? equal : !equal;
};

/** True when a node meets every constraint. */
export const meetsConstraints = (
  { constraints: all }: { constraints: Constraint[] },
  node: PlacementNode,
): boolean => {
  for (const constraint of all) if (!holds(constraint, node)) return false;
  return true;
};

const broken = (request: PlacementRequest, node: PlacementNode): Constraint[] =>
  request.constraints.filter((constraint) => !holds(constraint, node));

const inWords = ({ key, operator, value }: Constraint): string => `${key} ${operator} ${value}`;

const labelOf = ({ key, operator }: Constraint): string | undefined =>
  operator === '==' && key.startsWith('node.labels.') ? key.slice('node.labels.'.length) : undefined;

/** `node.labels.zone == a` and the like; all must hold. */
export const constraints: Filter = {
  name: 'constraints',
  applies: (request) => request.constraints.length > 0,
  check: (request, node) => meetsConstraints(request, node.seen),
  explain: (request, nodes, subject) => {
    const all = nodes.flatMap((node) => broken(request, node.seen));
    const rules = request.constraints.filter((constraint) => all.includes(constraint)).map(inWords);
    const which = `the constraint${rules.length === 1 ? '' : 's'} ${rules.join(', ')}`;
    return say(subject, nodes.length, `does not meet ${which}`, `do not meet ${which}`);
  },
  remedy: (request, node) => {
    const labels = broken(request, node.seen).map((c) => ({ label: labelOf(c), value: c.value }));
    if (labels.some(({ label }) => label === undefined)) return undefined;
    const texts = labels.map(({ label, value }) => `${label}=${value}`);
    return { text: `label ${node.seen.name} with ${texts.join(' and ')}`, cost: 4 + labels.length };
  },
};
