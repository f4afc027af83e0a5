export type Labels = Record<string, string>;
export type ReadLabels = { labels: Labels; wrong: string | undefined };

const KEY = /^[a-zA-Z0-9][\w.-]{0,62}$/;

/** `zone=r1`, one per line, as a person writes labels. */
export const writeLabels = (labels: Labels): string =>
  Object.entries(labels)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');

/** Reads what `writeLabels` wrote; says the first line that is no label, or a key given twice. */
export const readLabels = (text: string): ReadLabels => {
  const labels: Labels = {};
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const at = line.indexOf('=');
    const key = at < 0 ? line : line.slice(0, at).trim();
    if (!KEY.test(key)) return { labels, wrong: `"${line}" is no label: write key=value.` };
    if (Object.hasOwn(labels, key)) return { labels, wrong: `${key} stands here twice.` };
    labels[key] = at < 0 ? '' : line.slice(at + 1).trim();
  }
  return { labels, wrong: undefined };
};
