import { expect } from 'vitest';
import type { Answer } from '../test-server.ts';

/** What was answered; fails when it was a refusal. */
export const done = async <T>(answer: Promise<Answer>): Promise<T> => {
  const { status, json, text } = await answer;
  expect(status, text).toBeLessThan(300);
  return json as T;
};

/** The refusal; fails when there was none. */
export const problem = async (answer: Promise<Answer>) => {
  const { status, json, text } = await answer;
  expect(status, text).toBeGreaterThanOrEqual(400);
  return json as { code: string; detail: string; hint?: string };
};

export const ifMatch = (version: number) => ({ 'if-match': `"${version}"` });
