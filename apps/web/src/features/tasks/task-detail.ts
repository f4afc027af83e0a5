import type { routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';

export type TaskDetail = CallOutput<typeof routes.tasks.get>;
