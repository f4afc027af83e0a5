import styles from './code-text.module.css';

/** Text with line numbers, to read. */
export const CodeText = ({ text }: { text: string }) => (
  <div className={styles.code}>
    {text.split('\n').map((line, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
      <div key={index} className={styles.line}>
        <span>{index + 1}</span>
        <span>{line}</span>
      </div>
    ))}
  </div>
);
