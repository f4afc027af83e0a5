import type { ServiceSpec } from '@portreeve/domain';
import { type PortRange, portsInWords } from '../projects/port-range.ts';

export type PortPolicy = PortRange & {
  projectPath: string;
  /** Ports that are ours or the host's: ssh, names, console, agents, tunnels between hosts. */
  reserved: readonly number[];
};
export type PortRefusal = { code: 'plan.refused'; message: string; hint: string };

/** Why a service may not publish the host ports it asks for (one refusal per port); the range is always named. */
export const hostPortRefusals = (service: string, spec: ServiceSpec, policy: PortPolicy): PortRefusal[] => {
  const range = portsInWords(policy);
  const hint =
    policy.portFrom > policy.portTo
      ? `The ranges of ${policy.projectPath} and of the projects above it have no port in common: ask an administrator to widen one.`
      : `Publish a port of the range ${range} that ${policy.projectPath} may use.`;
  return spec.ports.flatMap(({ published, publishedTo, target }): PortRefusal[] => {
    if (published === undefined) return [];
    const to = publishedTo ?? published;
    const ours = policy.reserved.find((port) => published <= port && port <= to);
    if (ours !== undefined)
      return [
        {
          code: 'plan.refused',
          message: `${service} may not publish port ${ours} of the host: it is the host's or Portreeve's own.`,
          hint,
        },
      ];
    if (published >= policy.portFrom && to <= policy.portTo) return [];
    const wanted = to === published ? `port ${published}` : `ports ${published}–${to}`;
    return [
      {
        code: 'plan.refused',
        message: `${service} may not publish ${wanted} of the host for its port ${target}: ${policy.projectPath} may use ${range}.`,
        hint,
      },
    ];
  });
};
