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

type Props = { tone: Tone; children: ReactNode; since?: ReactNode; wrap?: boolean };

/** Icon, word and colour; never colour alone. */
export const Status = ({ tone, children, since, wrap }: Props) => {
  const Icon = ICONS[tone];
  return (
    <span className={`${styles.status} ${styles[tone]} ${wrap ? styles.wrap : ''}`} data-tone={tone}>
      <Icon aria-hidden />
      <span className={styles.word}>{children}</span>
      {since !== undefined && <span className={styles.since}>{since}</span>}
    </span>
  );
};
