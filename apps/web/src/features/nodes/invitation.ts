import type { routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';

/** What was made; the command is shown this once. */
export type MadeToken = CallOutput<typeof routes.nodes.createToken>;
