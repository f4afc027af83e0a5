import { DomainError } from '@portreeve/domain';

/** Where a page ended: the last row's sort key and id. */
export type Cursor = readonly [key: string | number, id: string];

const ID = /^[\w.:-]{1,200}$/;
const KEY_TYPES = ['string', 'number'];

export const invalidCursor = (cause?: unknown): DomainError =>
  new DomainError('request.invalid', 'The cursor is none that this list gave out.', {
    hint: 'Start again from the first page, without a cursor.',
    cause,
  });

/** Sorts and filters stand beside it in the request, so that nothing of them is in it. */
export const encodeCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Throws `request.invalid` for what no list gave out. */
export const decodeCursor = (cursor: string): Cursor => {
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    if (KEY_TYPES.includes(typeof key) && typeof id === 'string' && ID.test(id))
      return [key as Cursor[0], id];
  } catch (error) {
    throw invalidCursor(error);
  }
  throw invalidCursor();
};

/** The sort a list was asked for, or its usual one; throws `request.invalid` with those that there are. */
export const chosenSort = <T>(
  sorts: Readonly<Record<string, T>>,
  wanted: string | undefined,
  usual: string,
): T => {
  const found = new Map(Object.entries(sorts)).get(wanted ?? usual);
  if (found !== undefined) return found;
  throw new DomainError('request.invalid', `This list cannot be sorted by ${wanted}.`, {
    hint: `Sort it by ${Object.keys(sorts).join(', ')}.`,
  });
};
