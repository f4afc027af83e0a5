import type { Form, ScalarKind } from './key-rules.ts';

const scalarOf = (of: ScalarKind): Form => ({ is: 'scalar', of });

export const text: Form[] = [scalarOf('text')];
export const integer: Form[] = [scalarOf('integer')];
export const number: Form[] = [scalarOf('number')];
export const boolean: Form[] = [scalarOf('boolean')];
export const duration: Form[] = [scalarOf('duration')];
export const bytes: Form[] = [scalarOf('bytes')];
export const oneOf = (...choices: string[]): Form[] => [scalarOf(choices)];

export const listOf = (...of: Form[]): Form => ({ is: 'list', of });
export const mapOf = (...of: Form[]): Form => ({ is: 'map', of });
/** The same where a name without a value would say nothing. */
export const fullMapOf = (...of: Form[]): Form => ({ is: 'map', of, full: true });
export const section = (of: string): Form => ({ is: 'section', of });

export const texts: Form[] = [listOf(...text)];
export const textOrTexts: Form[] = [...text, ...texts];
/** A mapping of names to values, or a list of `NAME=value`. */
export const pairs: Form[] = [mapOf(...text), ...texts];
