import type { ServiceSpec } from '@portreeve/domain';

/** One thing that is wrong or worth knowing, in one sentence with its way out; line and column are 1-based. */
export type Diagnostic = {
  severity: 'error' | 'warning';
  message: string;
  file: string;
  line: number;
  column: number;
  /** Place in the application, e.g. `services.web.ports[0]`; empty where the file as a whole is meant. */
  path: string;
};

/** `replicas` only when the file names them: an apply that names none leaves the number as it is. */
export type ComposeService = {
  name: string;
  replicas?: number;
  spec: ServiceSpec;
  profiles: string[];
};

/** A file of a bundle: its text, or its bytes where they are no UTF-8 text. */
export type BundleFile = string | Uint8Array;

/** `external.name` is the name of an object of the project, never of one of an engine. */
type External = { external?: { name: string } };

export type ComposeNetwork = External & {
  name: string;
  internal: boolean;
  subnet?: string;
};

export type ComposeVolume = External & {
  name: string;
  driver?: string;
  driverOpts: Record<string, string>;
};

/**
 * A config or a secret: either of the project (`external`) or with the content that came with the file, which may be
 * any bytes where it is a `file` of the bundle.
 */
export type ComposeFileObject = External & { name: string; content?: BundleFile; file?: string };

/** A variable the files ask for; `used` is the line of its first use, `default` what stands in when no value is given. */
export type ComposeVariable = { name: string; default?: string; required: boolean; used: number };

/** What a Compose file asks for, with every variable filled in and only the services of the chosen profiles. */
export type ComposeApplication = {
  name?: string;
  services: ComposeService[];
  networks: ComposeNetwork[];
  volumes: ComposeVolume[];
  configs: ComposeFileObject[];
  secrets: ComposeFileObject[];
};
