import type { ReadyCount } from '@portreeve/contract';
import styles from './ready-bar.module.css';
import type { Tone } from './tone.ts';

const MOST_CELLS = 24;

/** `n/m` and a bar of m cells; `tones` colours the cells that are not ready. Many cells become one line. */
export const ReadyBar = ({ count, tones }: { count: ReadyCount; tones?: readonly Tone[] }) => {
  const { ready, wanted } = count;
  const cells: Tone[] = tones
    ? [...tones]
    : Array.from({ length: Math.max(wanted, ready) }, (_, i): Tone => (i < ready ? 'ok' : 'off'));
  return (
    <span className={styles.ready} role="img" aria-label={`${ready} of ${wanted} ready`}>
      <span>
        {ready}/{wanted}
      </span>
      {cells.length > MOST_CELLS ? (
        <span className={styles.line}>
          <i style={{ width: `${(ready / Math.max(wanted, 1)) * 100}%` }} />
        </span>
      ) : (
        <span className={styles.cells}>
          {cells.map((tone, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
            <i key={i} className={styles[tone]} />
          ))}
        </span>
      )}
    </span>
  );
};
