import type { Overview } from '@portreeve/contract';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { SEVERITY_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { Undo } from '../services/undo.tsx';
import styles from './needs.module.css';

type Need = Overview['needs'][number];

const HelpButton = ({ help }: { help: NonNullable<Need['help']> }) =>
  help.kind === 'undo' ? (
    <Undo {...help} />
  ) : (
    <Link className="pf-v6-c-button pf-m-secondary pf-m-small" href={help.path}>
      {help.label}
    </Link>
  );

/** First what needs a person: the cause, since when, what changed just before, and the one button that helps. */
export const Needs = ({ needs }: { needs: Overview['needs'] }) => (
  <Panel title="Needs you" aside={needs.length > 0 ? 'worst first' : undefined}>
    {needs.length === 0 && (
      <Status tone="ok" wrap>
        Nothing. Every service is as you wish it, every host answers, nothing is about to expire.
      </Status>
    )}
    <div className={styles.needs}>
      {needs.map((need) => (
        <div key={need.id} className={styles.need}>
          <Status tone={SEVERITY_TONE[need.severity]} wrap>
            <b>{need.text}</b>
            {need.hint !== '' && <span className={`dim ${styles.hint}`}>{need.hint}</span>}
          </Status>
          <span>
            {need.before !== '' && (
              <>
                <span className="dim">just before: </span>
                {need.before}
              </>
            )}
          </span>
          <span className="dim">
            <When at={need.since} />
          </span>
          <span>{need.help && <HelpButton help={need.help} />}</span>
        </div>
      ))}
    </div>
  </Panel>
);
