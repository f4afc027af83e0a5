import type { Overview } from '@portreeve/contract';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { exactTime, When } from '../../ui/when.tsx';
import styles from './due.module.css';

const SOON_MS = 14 * 86_400_000;

/** Certificates renew by themselves; one that is close to its end did not, and that is worth a look. */
export const DuePanel = ({ certificates }: Pick<Overview, 'certificates'>) => {
  const soonest = [...certificates].sort((a, b) => a.expiresAt.localeCompare(b.expiresAt));
  const late = soonest.filter((each) => Date.parse(each.expiresAt) - Date.now() < SOON_MS);
  const next = soonest[0];
  return (
    <Panel title="Due" aside="certificates">
      <ul className={styles.due}>
        {late.map((each) => (
          <li key={each.name}>
            <Status tone="warn" wrap>
              {each.name} expires <When at={each.expiresAt} as="until" />
            </Status>
          </li>
        ))}
        {late.length === 0 && (
          <li>
            <Status tone="ok" wrap>
              Certificates renew by themselves{next ? `; next ${exactTime(next.expiresAt).slice(0, 10)}` : ''}
            </Status>
          </li>
        )}
      </ul>
    </Panel>
  );
};
