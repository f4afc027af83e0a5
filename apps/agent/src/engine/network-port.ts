import type { AssignedNetwork, AssignedTask, DesiredDocument, Readiness } from '@portreeve/agent-protocol';
import type { EndpointSettings } from 'dockerode';

/** How a task's container is put on its networks. */
export type Attachment = {
  /** The engine's name of each network with the endpoint's settings; the first one is the primary. */
  endpoints: { network: string; config: Partial<EndpointSettings> }[];
  /** Servers for the engine's own resolver to forward to. */
  dnsServers: string[];
  /** File of the host that takes the place of the container's /etc/resolv.conf. */
  resolvConf?: string;
};

/** The networks of this host, whoever makes them: plain engine bridges, or bridges joined across hosts. */
export type HostNetworks = {
  /** Makes what the document asks for; throws when one cannot be made. */
  ensure(networks: AssignedNetwork[], doc: DesiredDocument): Promise<void>;
  attachment(task: AssignedTask, networks: AssignedNetwork[]): Attachment;
  /** Removes networks of ours whose id is not in use. */
  collect(inUse: ReadonlySet<string>): Promise<void>;
  /** Remote readiness as the server last said, and the tasks that are ready here. */
  onReadiness(readiness: Readiness, localReady: ReadonlySet<string>): void;
};
