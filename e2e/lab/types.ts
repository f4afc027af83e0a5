import type { ChildProcess } from 'node:child_process';

/** Which engine a host runs: Debian's docker.io (20.10), the binaries in `engineBin`, Debian's Podman (4.3) by its compatible API, or Debian's docker.io without root. */
export type EngineKind = 'debian' | 'current' | 'podman' | 'rootless';

/** What the first process of a host is: `tini` alone, or systemd with the units that a test gives it. */
export type InitKind = 'tini' | 'systemd';

/** What a lab is made of. */
export interface LabOptions {
  /** How many hosts (`node-1`, `node-2`, …), or their names. */
  readonly hosts: number | readonly string[];
  /** One kind for all, or one per host in their order (the last is repeated). Default: see `chooseEngine`. */
  readonly engine?: EngineKind | readonly EngineKind[];
  /** Directory with `dockerd`, `containerd`, `runc`, … for hosts of kind `current`. */
  readonly engineBin?: string | undefined;
  /** Merged over the lab's own daemon.json, for instance `{ 'live-restore': false }` for Swarm. */
  readonly engineConfig?: Readonly<Record<string, unknown>>;
  /** The first process of every host but the registry's. Default `tini`. */
  readonly init?: InitKind;
  /** Whether to run a registry with the test images. Default true. */
  readonly registry?: boolean;
  /** Names the lab; two labs alive at once need different ids. Default: made from the process id. */
  readonly id?: string;
  /** Size of each host's own disk (a sparse file). Default 8. */
  readonly diskGiB?: number;
  /** Told what happens, a line at a time. */
  readonly log?: (line: string) => void;
}

/** How a command inside a host ended. `code` is null when a signal (or the time limit) ended it. */
export interface ExecResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a command inside a host. Its environment is a plain login's plus `env`, never ours. */
export interface ExecOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Options of a long-running process inside a host. */
export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A file on this machine for its output. Default: a new file in the host's state folder. */
  readonly logFile?: string;
}

/** A long-running process inside a host. It dies with the host. */
export interface LabProcess {
  readonly child: ChildProcess;
  readonly logFile: string;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Signals the process itself (not the `nsenter` it was started through). */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** The one daemon a machine of the lab runs: its engine, or the registry. */
export interface DaemonControl {
  start(): Promise<void>;
  /** TERM, and wait until it is gone. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** SIGKILL. It stays away until `start`. */
  kill(): Promise<void>;
}

/** Seen from the host: `in` drops what is sent to it, `out` what it sends. */
export type Direction = 'both' | 'in' | 'out';

/** A bad link. Both directions get it, so a round trip takes 2 × `delayMs` longer. */
export interface LinkQuality {
  readonly delayMs?: number;
  readonly lossPercent?: number;
  readonly rateKbit?: number;
}

/** A machine of the lab: own hostname, filesystem, processes, network and disk. */
export interface LabMachine {
  readonly name: string;
  readonly address: string;
  /** Its init as this machine numbers it; undefined while the power is off. */
  readonly pid: number | undefined;
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  spawn(argv: readonly string[], options?: SpawnOptions): LabProcess;
  /** Power cut: every process of it is gone when this returns. */
  kill(): Promise<void>;
  /** Power on, same disk; returns when its daemon answers. */
  boot(): Promise<void>;
  reboot(): Promise<void>;
  partition(options?: { readonly direction?: Direction }): Promise<void>;
  slow(quality: LinkQuality): Promise<void>;
  /** Ends partition and slowness. */
  heal(): Promise<void>;
  /** Leaves `leaveBytes` free on this host's own disk. */
  fillDisk(leaveBytes: number): Promise<void>;
  freeDisk(): Promise<void>;
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  readFile(path: string): Promise<string>;
}

/** A machine with a Docker Engine. */
export interface LabHost extends LabMachine {
  /** A path on this machine; stays the same over reboots. */
  readonly dockerSocket: string;
  readonly engineKind: EngineKind;
  readonly engine: DaemonControl;
}

/** The lab's registry: Debian's docker-registry, plain HTTP, on a machine of its own. */
export interface LabRegistry extends DaemonControl {
  /** `host:port`, as in an image reference. */
  readonly address: string;
  readonly machine: LabMachine;
  imageRef(name: string, tag: string): string;
}

/** What `reset` also does. */
export interface ResetOptions {
  /** Also remove all images; else they stay, to be pulled no second time. */
  readonly images?: boolean;
}

/** Real hosts on this machine. */
export interface Lab {
  readonly id: string;
  readonly bridgeAddress: string;
  readonly hosts: readonly LabHost[];
  readonly registry: LabRegistry | undefined;
  /** The host of that name; throws when there is none. */
  host(name: string): LabHost;
  /** All hosts and the registry as new, in a second or two: healed, rebooted, nothing of theirs left but images. */
  reset(options?: ResetOptions): Promise<void>;
  stop(): Promise<void>;
}
