/** PostgreSQL's text and JSON hold neither a byte of zero nor half a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** The same text with a mark in place of each character that cannot be stored. */
export const madeStorable = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed();
