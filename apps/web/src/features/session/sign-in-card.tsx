import type { ReactNode } from 'react';
import { Brand } from '../../ui/brand.tsx';
import styles from './sign-in-card.module.css';

/** The one box of the pages before the console. */
export const SignInCard = ({ title, children }: { title: string; children: ReactNode }) => (
  <main className={styles.back}>
    <div className={styles.card}>
      <div className={styles.brand}>
        <Brand />
      </div>
      <h1>{title}</h1>
      {children}
    </div>
  </main>
);
