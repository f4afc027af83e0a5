import { diffLines } from 'diff';
import styles from './code-text.module.css';

type Line = { text: string; kind: 'add' | 'remove' | 'same' };
const AROUND = 3;

const linesOf = (before: string, after: string): Line[] =>
  diffLines(before, after).flatMap((part) => {
    const kind = part.added ? 'add' : part.removed ? 'remove' : 'same';
    return part.value
      .replace(/\n$/, '')
      .split('\n')
      .map((text): Line => ({ text, kind }));
  });

const SIGN = { add: '+', remove: '−', same: '' };

/** What changed between two texts, each change with the lines around it. */
export const TextDiff = ({ before, after }: { before: string; after: string }) => {
  const lines = linesOf(before, after);
  const near = (index: number) =>
    lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((line) => line.kind !== 'same');
  if (lines.every((line) => line.kind === 'same')) return <span className="dim">The same text.</span>;
  return (
    <div className={styles.code}>
      {lines.map((line, index) =>
        near(index) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <div key={index} className={`${styles.line} ${styles[line.kind] ?? ''}`}>
            <span>{SIGN[line.kind]}</span>
            <span>{line.text}</span>
          </div>
        ) : (
          near(index - 1) && (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            <div key={index} className={styles.gap}>
              …
            </div>
          )
        ),
      )}
    </div>
  );
};
