'use client';
import { Fragment, type ReactNode, useEffect } from 'react';
import { Link } from './link.tsx';
import styles from './page-head.module.css';

export type Crumb = { text: string; to: string };
type Props = {
  crumbs?: readonly Crumb[];
  title: string;
  status?: ReactNode;
  meta?: ReactNode;
  actions?: ReactNode;
};

/** Where one is, the name of the thing, its state in words, its figures, and what can be done. */
export const PageHead = ({ crumbs = [], title, status, meta, actions }: Props) => {
  useEffect(() => {
    document.title = `${title} · Portreeve`;
  }, [title]);
  return (
    <header className={styles.head}>
      <nav aria-label="Where this is">
        <ol className={styles.crumbs}>
          {crumbs.map((crumb) => (
            <li key={crumb.to}>
              <Link href={crumb.to}>{crumb.text}</Link>
            </li>
          ))}
        </ol>
      </nav>
      <div className={styles.line}>
        <div className={styles.title}>
          <h1>{title}</h1>
          {status}
        </div>
        <div className={styles.actions}>{actions}</div>
      </div>
      {meta && <div className={styles.meta}>{meta}</div>}
    </header>
  );
};

/** A grey word and its value, for the line under a title. */
export const Fact = ({ name, children }: { name?: string; children: ReactNode }) => (
  <span className={styles.pair}>
    {name ? <span>{name}</span> : <Fragment />} {children}
  </span>
);
