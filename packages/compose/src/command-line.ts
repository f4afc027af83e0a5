export type Words = { words: string[] } | { problem: string };

const SHELL_ONLY = /[;&|<>()`]/;

/**
 * Splits a command as Compose does, by quotes and backslashes and nothing else. What only a shell understands is
 * refused outside quotes: Compose would cut the line there without a word.
 */
export const splitCommand = (line: string): Words => {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (char === '\\' && quote !== "'") {
      at += 1;
      const next = line[at];
      if (next === undefined)
        return { problem: 'The command ends with a backslash; remove it, or double it.' };
      word = (word ?? '') + unescaped(next);
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (SHELL_ONLY.test(char)) {
      return { problem: `No shell reads “${char}” here; quote it, or write ["sh", "-c", "…"].` };
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== '') return { problem: `A ${quote} is not closed; add the second one.` };
  return { words: word === undefined ? words : [...words, word] };
};

const unescaped = (char: string): string => ({ n: '\n', t: '\t' })[char] ?? char;
