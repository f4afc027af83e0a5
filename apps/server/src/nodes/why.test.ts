import { NodeFacts } from '@portreeve/domain';
import { expect, it } from 'vitest';
import { whyNode } from './why.ts';

const facts = NodeFacts.parse({
  ...{ hostname: 'a', os: 'debian', osVersion: '12', kernel: '6.1', architecture: 'amd64', bootId: '1' },
  ...{ agentVersion: '0.1.0', capacity: { cpus: 4, memoryBytes: 1, pids: 1 } },
  ...{ engine: { reachable: true }, crossHostNetworks: { able: true } },
});
const node = {
  state: 'ready',
  availability: 'draining',
  ...{
    connected: true,
    silentMs: 1,
    lastError: '',
    lastCloseReason: '',
    leaving: false,
    behind: false,
    facts,
  },
} as const;

it('tells a host that is being drained from one that is empty', () => {
  expect(whyNode({ ...node, tasks: 3 })).toBe('It is being drained: its tasks move to other nodes, 3 to go.');
  expect(whyNode({ ...node, tasks: 0 })).toBe('It is drained: nothing of ours runs here any more.');
});
