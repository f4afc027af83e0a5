import {
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InProgressIcon,
  MinusCircleIcon,
  PauseCircleIcon,
  QuestionCircleIcon,
} from '@patternfly/react-icons';
import type { ReactNode } from 'react';
import styles from './status.module.css';
import type { Tone } from './tone.ts';

const ICONS = {
  ok: CheckCircleIcon,
  warn: ExclamationTriangleIcon,
  bad: ExclamationCircleIcon,
  busy: InProgressIcon,
  held: PauseCircleIcon,
  unknown: QuestionCircleIcon,
  off: MinusCircleIcon,
};

type Props = {
  tone: Tone;
  children: ReactNode;
  since?: ReactNode;
  wrap?: boolean;
  /** A sign of its own for what is no state, e.g. an action of a plan. */
  icon?: typeof CheckCircleIcon;
};

/** Icon, word and colour; never colour alone. */
export const Status = ({ tone, children, since, wrap, icon }: Props) => {
  const Icon = icon ?? ICONS[tone];
  return (
    <span
      className={`${styles.status} ${styles[tone]} ${wrap ? styles.wrap : ''} ${icon ? styles.still : ''}`}
      data-tone={tone}
    >
      <Icon aria-hidden />
      <span className={styles.word}>{children}</span>
      {since !== undefined && <span className={styles.since}>{since}</span>}
    </span>
  );
};
