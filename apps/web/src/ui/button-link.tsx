import { Link } from './link.tsx';

/** A place to go that looks like a button. */
export const ButtonLink = ({ to, text, primary }: { to: string; text: string; primary?: boolean }) => (
  <Link className={`pf-v6-c-button pf-m-small ${primary ? 'pf-m-primary' : 'pf-m-secondary'}`} href={to}>
    <span className="pf-v6-c-button__text">{text}</span>
  </Link>
);
