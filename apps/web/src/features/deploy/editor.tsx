'use client';
import { yaml, yamlLanguage } from '@codemirror/lang-yaml';
import { syntaxHighlighting } from '@codemirror/language';
import { lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { stateExtensions, updateSchema } from 'codemirror-json-schema';
import { yamlCompletion } from 'codemirror-json-schema/yaml';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { pageNonce } from '../../lib/nonce.ts';
import './editor.css';
import { changedLines, type Mark, marksExtension, showMarks } from './editor-state.ts';

type Schema = Parameters<typeof updateSchema>[1];
export type EditorHandle = { goTo: (line: number, column: number) => void };
type Props = {
  ref?: Ref<EditorHandle>;
  label: string;
  text: string;
  /** What the text is compared with; null: nothing. */
  base: string | null;
  marks: readonly Mark[];
  schema: unknown;
  onChange: (text: string) => void;
  onApply: () => void;
};
const MARK_DELAY_MS = 150;

const offsetOf = (view: EditorView, line: number, column: number): number => {
  const at = view.state.doc.line(Math.max(1, Math.min(view.state.doc.lines, line)));
  return Math.min(at.to, at.from + Math.max(0, column - 1));
};

const show = (view: EditorView, marks: readonly Mark[], base: string | null) => {
  const diagnostics = marks.map((mark) => {
    const from = offsetOf(view, mark.line, mark.column);
    return { from, to: view.state.doc.lineAt(from).to, severity: mark.severity, message: mark.message };
  });
  view.dispatch(setDiagnostics(view.state, diagnostics));
  showMarks(view, marks, base === null ? [] : changedLines(base, view.state.doc.toString()));
};

/** The Compose editor: completion from the schema, problems under their lines, `F8` to the next, `Ctrl-Enter` applies. */
export const Editor = ({ ref, label, text, base, marks, schema, onChange, onApply }: Props) => {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, onApply });
  latest.current = { onChange, onApply };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor lives as long as its file is open
  useEffect(() => {
    if (!box.current) return;
    const apply = () => {
      latest.current.onApply();
      return true;
    };
    const made = new EditorView({
      doc: text,
      parent: box.current,
      extensions: [
        EditorView.cspNonce.of(pageNonce()),
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => apply() }, ...lintKeymap])),
        basicSetup,
        yaml(),
        syntaxHighlighting(classHighlighter),
        stateExtensions(schema as Schema),
        yamlLanguage.data.of({ autocomplete: yamlCompletion() }),
        marksExtension,
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange(update.state.doc.toString());
        }),
      ],
    });
    view.current = made;
    return () => made.destroy();
  }, [label]);
  useEffect(() => {
    const made = view.current;
    if (!made || made.state.doc.toString() === text) return;
    made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    if (view.current && schema) updateSchema(view.current, schema as Schema);
  }, [schema]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text moves the marks too
  useEffect(() => {
    const timer = setTimeout(() => view.current && show(view.current, marks, base), MARK_DELAY_MS);
    return () => clearTimeout(timer);
  }, [marks, base, text]);
  useImperativeHandle(ref, () => ({
    goTo: (line, column) => {
      const made = view.current;
      if (!made) return;
      made.dispatch({ selection: { anchor: offsetOf(made, line, column) }, scrollIntoView: true });
      made.focus();
    },
  }));
  return <div ref={box} className="compose-editor" />;
};
