import { type ITerminalInitOnlyOptions, type ITerminalOptions, Terminal } from '@xterm/xterm';

/** Titles, links, clipboard and notifications: a container must not reach past its own screen. */
const IGNORED_OSC = [0, 1, 2, 7, 8, 9, 52, 99, 133, 777, 1337];

/** A screen for what a container shows or showed, that nothing of it reaches past. */
export const newScreen = (more: ITerminalOptions & ITerminalInitOnlyOptions = {}): Terminal => {
  const terminal = new Terminal({
    fontSize: 13,
    fontFamily: '"Red Hat Mono", ui-monospace, Menlo, Consolas, monospace',
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    scrollback: 5_000,
    // A link handler that does nothing: links of a container are text.
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
    theme: { background: '#151515', foreground: '#e0e0e0' },
    ...more,
  });
  for (const code of IGNORED_OSC) terminal.parser.registerOscHandler(code, () => true);
  return terminal;
};
