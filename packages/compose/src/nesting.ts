import type { CST } from 'yaml';

type Item = { start?: CST.SourceToken[]; key?: CST.Token | null; value?: CST.Token };

const childrenOf = (token: CST.Token): CST.Token[] => {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return (token.items as Item[]).flatMap(({ key, value }) => [key, value].filter((t) => !!t));
};

/**
 * The offset of the first token nested deeper than `limit`, if there is one. Walks without recursion, because
 * what composes the tokens afterwards recurses and would run out of stack.
 */
export const nestingOf = (tokens: readonly CST.Token[], limit: number): number | undefined => {
  const open = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.depth > limit) return next.token.offset;
    for (const child of childrenOf(next.token)) open.push({ token: child, depth: next.depth + 1 });
  }
  return undefined;
};
