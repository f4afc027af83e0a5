/** What an image says about running it, as Docker writes it. Durations are in nanoseconds. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly Healthcheck?: Healthcheck;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
}

/** A health check: `['CMD', …]` or `['CMD-SHELL', '…']`, and its times in nanoseconds. */
export interface Healthcheck {
  readonly Test: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}

/** Nanoseconds of so many seconds. */
export function seconds(count: number): number {
  return count * 1_000_000_000;
}

/** The same as lines of a Dockerfile, which is how `docker import --change` wants them. */
export function toChanges(config: ImageConfig): string[] {
  return [
    ...(config.Entrypoint ? [`ENTRYPOINT ${JSON.stringify(config.Entrypoint)}`] : []),
    ...(config.Cmd ? [`CMD ${JSON.stringify(config.Cmd)}`] : []),
    ...(config.Env ?? []).map(envLine),
    ...Object.keys(config.ExposedPorts ?? {}).map((port) => `EXPOSE ${port}`),
    ...Object.keys(config.Volumes ?? {}).map((path) => `VOLUME ${JSON.stringify([path])}`),
    ...Object.entries(config.Labels ?? {}).map(([key, value]) => `LABEL ${quote(key)}=${quote(value)}`),
    ...(config.User ? [`USER ${config.User}`] : []),
    ...(config.WorkingDir ? [`WORKDIR ${config.WorkingDir}`] : []),
    ...(config.StopSignal ? [`STOPSIGNAL ${config.StopSignal}`] : []),
    ...(config.Healthcheck ? [healthLine(config.Healthcheck)] : []),
  ];
}

function envLine(entry: string): string {
  const at = entry.indexOf('=');
  return `ENV ${entry.slice(0, at)}=${quote(entry.slice(at + 1))}`;
}

function healthLine(check: Healthcheck): string {
  const [kind, ...command] = check.Test;
  if (kind === 'NONE') return 'HEALTHCHECK NONE';
  const flags = [
    duration('interval', check.Interval),
    duration('timeout', check.Timeout),
    duration('start-period', check.StartPeriod),
    check.Retries === undefined ? '' : `--retries=${check.Retries} `,
  ].join('');
  return `HEALTHCHECK ${flags}CMD ${kind === 'CMD' ? JSON.stringify(command) : command.join(' ')}`;
}

function duration(flag: string, nanoseconds: number | undefined): string {
  return nanoseconds === undefined ? '' : `--${flag}=${nanoseconds / 1_000_000}ms `;
}

// A Dockerfile's double quotes: variables and escapes mean something in them.
function quote(text: string): string {
  return `"${text.replace(/[\\"$]/g, '\\$&')}"`;
}
