import type { ServiceSpec } from '@portreeve/domain';
import type { z } from 'zod';
import type { Lookup } from '../interpolate.ts';
import type { Variables } from '../variables.ts';

/** What a service may refer to: files of the bundle, given values, and what the file declares beside it. */
export type World = {
  files: ReadonlyMap<string, string>;
  lookup: Lookup;
  variables: Variables;
  networks: ReadonlySet<string>;
  volumes: ReadonlySet<string>;
  configs: ReadonlySet<string>;
  secrets: ReadonlySet<string>;
};

/** A part of a service spec before the domain's defaults are filled in. */
export type SpecPart = Partial<z.input<typeof ServiceSpec>>;
