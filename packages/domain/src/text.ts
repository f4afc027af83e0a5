const NAMES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Untrusted text made harmless for a terminal, a log or a mail: control characters (C0, C1, DEL) and marks that
 * reorder text are shown as escapes. Newlines too, so that one value stays one line.
 */
export const escapeControls = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (c) => {
    return NAMES[c] ?? `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`;
  });

/**
 * A line of JSON made harmless for whoever reads it in a terminal: JSON itself escapes only C0. What is left of the
 * control characters and the marks that reorder text can stand within its strings alone, where an escape means the same.
 */
export const escapeControlsInJson = (line: string): string =>
  line.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A cell of a CSV file that no spreadsheet takes for a formula; quotes doubled. */
export const csvCell = (text: string): string => {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};
