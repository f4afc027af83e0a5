import type { Refusal } from '@portreeve/contract';
import type { z } from 'zod';

/** Why something of a file may not run, with the way out. */
export type RefusalValue = z.input<typeof Refusal>;
