import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Extra } from './packages.ts';
import type { EngineKind, LabOptions } from './types.ts';

/** Which engine each host runs, by its place in the row, and where the binaries of a current one are. */
export interface EngineChoice {
  readonly bin: string | undefined;
  /** What the engines need of Debian beside its own. */
  readonly extras: readonly Extra[];
  kindOf(index: number): EngineKind;
}

/**
 * What the options ask for; where they ask for nothing, PORTREEVE_LAB_ENGINE (a folder of binaries)
 * makes the engines current ones, so that `npm run test:interop` runs unchanged tests on them; `podman` there
 * makes them Podman's.
 */
export function chooseEngine(options: LabOptions): EngineChoice {
  const wanted = process.env.PORTREEVE_LAB_ENGINE;
  const bin = options.engineBin ?? (wanted === 'podman' ? undefined : wanted);
  const asked = options.engine ?? (wanted === 'podman' ? wanted : bin === undefined ? 'debian' : 'current');
  const kinds = typeof asked === 'string' ? [asked] : asked;
  if (kinds.includes('current') && !(bin !== undefined && existsSync(join(bin, 'dockerd')))) {
    throw new Error(
      `engine "current" needs a folder with its binaries (engineBin or PORTREEVE_LAB_ENGINE), not ${bin}`,
    );
  }
  return {
    bin,
    extras: (['podman', 'rootless'] as const).filter((kind) => kinds.includes(kind)),
    kindOf: (index) => kinds[Math.min(index, kinds.length - 1)] ?? 'debian',
  };
}
