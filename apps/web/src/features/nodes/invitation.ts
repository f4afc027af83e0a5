import type { routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';

export type MadeToken = CallOutput<typeof routes.nodes.createToken>;

/** What was made, and who was there already: everybody else is a newcomer. */
export type Invitation = { made: MadeToken; known: ReadonlySet<string> };
