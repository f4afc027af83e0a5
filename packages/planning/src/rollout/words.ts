/** `1`, `1 and 2`, `1, 2 and 3`. */
export const listed = (items: (string | number)[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** Slot numbers with their runs shortened: `1, 4 to 9 and 12`. */
export const slotNumbers = (slots: number[]): string => {
  const runs: { from: number; to: number }[] = [];
  for (const slot of slots.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && slot === run.to + 1) run.to = slot;
    else runs.push({ from: slot, to: slot });
  }
  return listed(
    runs.flatMap(({ from, to }): (string | number)[] =>
      to - from < 2 ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : [`${from} to ${to}`],
    ),
  );
};

/** `slot 3`, `slots 3 and 4`. */
export const slotsInWords = (slots: number[]): string =>
  `${slots.length === 1 ? 'slot' : 'slots'} ${slotNumbers(slots)}`;

/** The same at the head of a sentence. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
