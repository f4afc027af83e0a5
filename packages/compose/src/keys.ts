import type { Section } from './key-rules.ts';
import { deployKeys } from './keys-deploy.ts';
import { objectKeys } from './keys-objects.ts';
import { serviceKeys } from './keys-service.ts';
import { servicePartKeys } from './keys-service-parts.ts';

/** Every key of the Compose schema. What is not here does not exist, and what is refused says what to do instead. */
export const keyTable: Readonly<Record<string, Section>> = {
  ...objectKeys,
  ...serviceKeys,
  ...servicePartKeys,
  ...deployKeys,
};
