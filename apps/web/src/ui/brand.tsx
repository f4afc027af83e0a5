import styles from './brand.module.css';

export const Brand = () => (
  <span className={styles.brand}>
    <span className={styles.seal} aria-hidden>
      P
    </span>
    Portreeve
  </span>
);
