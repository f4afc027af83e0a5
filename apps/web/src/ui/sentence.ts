/** What the server gives as a part of a sentence, standing alone: a capital in front, a full stop behind. */
export const asSentence = (text: string): string =>
  text === '' ? '' : `${text[0]?.toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
