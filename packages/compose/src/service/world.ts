import type { ServiceSpec } from '@portreeve/domain';
import type { z } from 'zod';
import type { Bundle } from '../bundle.ts';
import type { Lookup } from '../interpolate.ts';
import type { Variables } from '../variables.ts';

/** What a service may refer to: files of the bundle, given values, and what the file declares beside it. */
export type World = {
  bundle: Bundle;
  lookup: Lookup;
  variables: Variables;
  /** Characters or bytes that contents of files may still have together, as one file can be used many times. */
  room: { left: number };
  networks: ReadonlySet<string>;
  /** Those of the networks that have no way out. */
  internal: ReadonlySet<string>;
  volumes: ReadonlySet<string>;
  configs: ReadonlySet<string>;
  secrets: ReadonlySet<string>;
};

/** A part of a service spec before the domain's defaults are filled in. */
export type SpecPart = Partial<z.input<typeof ServiceSpec>>;

export const TOO_MUCH =
  'The files used from the bundle have more than 8 MiB together; use fewer or smaller ones.';
