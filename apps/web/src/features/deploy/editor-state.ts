import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { diffLines } from 'diff';

/** A place in the text that is wrong, shown under its line. Lines and columns begin at 1. */
export type Mark = { severity: 'error' | 'warning'; message: string; line: number; column: number };
/** Lines that differ from the file they are based on. */
export type Changed = { line: number; kind: 'added' | 'changed' };

const setMarks = StateEffect.define<{ marks: readonly Mark[]; changed: readonly Changed[] }>();

/** Which lines of `after` are new, and which took the place of another. */
export const changedLines = (before: string, after: string): Changed[] => {
  let line = 1;
  let removed = 0;
  return diffLines(before, after).flatMap((part): Changed[] => {
    const count = part.count ?? 0;
    if (part.removed) {
      removed = count;
      return [];
    }
    const from = line;
    line += count;
    const replaced = removed;
    removed = 0;
    if (!part.added) return [];
    return Array.from({ length: count }, (_, i) => ({
      line: from + i,
      kind: i < replaced ? 'changed' : 'added',
    }));
  });
};

const noteOf = (mark: Mark): HTMLElement => {
  const note = document.createElement('div');
  note.className = `cm-note cm-note-${mark.severity}`;
  const place = document.createElement('b');
  place.textContent = `${mark.line}:${mark.column} `;
  note.append(place, mark.message);
  return note;
};

const widgetOf = (mark: Mark): WidgetType =>
  new (class extends WidgetType {
    override eq() {
      return false;
    }
    override toDOM() {
      return noteOf(mark);
    }
  })();

const decorations = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, transaction) => {
    const effect = transaction.effects.find((each) => each.is(setMarks));
    if (!effect) return before.map(transaction.changes);
    const { marks, changed } = effect.value;
    const doc = transaction.state.doc;
    const lineAt = (line: number) => doc.line(Math.max(1, Math.min(doc.lines, line)));
    const ranges = [
      ...changed.map((each) => Decoration.line({ class: `cm-${each.kind}` }).range(lineAt(each.line).from)),
      ...marks.map((mark) =>
        Decoration.widget({ widget: widgetOf(mark), block: true, side: 1 }).range(lineAt(mark.line).to),
      ),
    ];
    return Decoration.set(ranges, true);
  },
  provide: (field) => EditorView.decorations.from(field),
});

export const marksExtension: Extension = decorations;

/** Shows problems under their lines and a bar beside what differs. */
export const showMarks = (view: EditorView, marks: readonly Mark[], changed: readonly Changed[]): void =>
  view.dispatch({ effects: setMarks.of({ marks, changed }) });
