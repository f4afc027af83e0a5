import { Fragment } from 'react';
import { paths } from '../../lib/paths.ts';
import { type AnsiSpan, ansiSpans, plainText } from '../../ui/ansi.ts';
import { Link } from '../../ui/link.tsx';
import { type LogLine, linkOf } from './log-buffer.ts';
import styles from './log-view.module.css';
import { NO_SLOT } from './moments.ts';

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const COLORS = 8;

/** A task keeps its colour for as long as it has its slot. */
export const colorOf = (slot: number): string => styles[`t${((slot - 1) % COLORS) + 1}`] ?? '';
const clock = (at: string) =>
  `${CLOCK.format(new Date(at))}.${at.slice(20, 23).padEnd(3, '0').replace(/\D/g, '0')}`;

const Marked = ({ text, find }: { text: string; find: RegExp | null }) => {
  if (!find) return text;
  const parts: { text: string; hit: boolean }[] = [];
  let at = 0;
  for (const match of text.matchAll(find)) {
    if (match[0] === '') break;
    parts.push({ text: text.slice(at, match.index), hit: false }, { text: match[0], hit: true });
    at = match.index + match[0].length;
  }
  parts.push({ text: text.slice(at), hit: false });
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
    <Fragment key={index}>{part.hit ? <mark>{part.text}</mark> : part.text}</Fragment>
  ));
};

const classOf = (span: AnsiSpan) => (span.color ? styles[span.color] : undefined);
const weightOf = (span: AnsiSpan) => ({
  fontWeight: span.bold ? 600 : undefined,
  opacity: span.dim ? 0.7 : undefined,
  fontStyle: span.italic ? 'italic' : undefined,
  textDecoration: span.underline ? 'underline' : undefined,
});

const EXIT = /exit|kill|out of memory|fail|died|memory than its limit/i;

type Props = { line: LogLine; name: string; find: RegExp | null; onLink: (link: string) => void };

/** One line, or a moment of its task's life inside the log. */
export const LogRow = ({ line, name, find, onLink }: Props) => {
  const who = `${name}-${line.slot}`;
  // What is linked to is a line of a task: around a moment of the service there may be none.
  const time =
    line.slot === NO_SLOT ? (
      <span className={styles.time}>{clock(line.at)}</span>
    ) : (
      <button
        type="button"
        className={styles.time}
        title="Link to this line"
        onClick={() => onLink(linkOf(line))}
      >
        {clock(line.at)}
      </button>
    );
  const task = line.slot !== NO_SLOT && (
    <Link className={`${styles.who} ${colorOf(line.slot)}`} href={paths.task(line.taskId)}>
      {who}
    </Link>
  );
  if (line.stream === 'life')
    return (
      <>
        {time}
        {task}
        <span className={task ? '' : styles.whole}>
          <Marked text={plainText(line.text)} find={find} />
        </span>
      </>
    );
  return (
    <>
      {time}
      {task}
      <span className={styles.text}>
        {ansiSpans(line.text).map((span, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a span is its place
          <span key={index} className={classOf(span)} style={weightOf(span)}>
            <Marked text={span.text} find={find} />
          </span>
        ))}
      </span>
    </>
  );
};

export const rowClass = (line: LogLine, linked: boolean): string =>
  [
    styles.line,
    line.stream === 'life' ? styles.life : '',
    line.stream === 'life' && EXIT.test(line.text) ? styles.exit : '',
    line.stream === 'stderr' ? styles.stderr : '',
    linked ? styles.linked : '',
  ].join(' ');
