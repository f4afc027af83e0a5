import type { Overview } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { SERVICE_TONE } from '../../ui/tone.ts';
import { useProject } from '../projects/project.ts';
import styles from './due.module.css';

const ORDER = ['down', 'degraded', 'changing', 'healthy', 'stopped'] as const;

export const ServicesPanel = ({ services }: Pick<Overview, 'services'>) => {
  const project = useProject();
  const there = ORDER.filter((state) => services[state] > 0);
  return (
    <Panel title="Services" aside={<Link href={paths.services({ project })}>All</Link>}>
      {there.length === 0 && <span className="dim">None yet.</span>}
      <ul className={styles.due}>
        {there.map((state) => (
          <li key={state}>
            <Link href={paths.services({ project, state })}>
              <Status tone={SERVICE_TONE[state]}>
                {services[state]} {state}
              </Status>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
};
