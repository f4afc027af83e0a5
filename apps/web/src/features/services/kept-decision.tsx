import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { exactTime } from '../../ui/when.tsx';
import styles from './placement-tab.module.css';

type Decision = {
  filters: readonly { filter: string; failed: number; sentence: string }[];
  best: readonly { nodeId: string; nodeName: string; total: number }[];
};

/** Why a task is where it is, as decided then: what ruled nodes out, and the five best. */
export const KeptDecision = ({ kept }: { kept: (Decision & { at?: string }) | null }) => (
  <Panel title="As it was decided" aside={kept?.at ? exactTime(kept.at) : ''}>
    {!kept && <span className="dim">No decision is kept for it yet.</span>}
    {kept?.filters
      .filter((each) => each.failed > 0)
      .map((each) => (
        <div key={each.filter}>
          <Status tone="held" wrap>
            {each.sentence}
          </Status>
        </div>
      ))}
    {kept && kept.best.length > 0 && (
      <ol className={styles.rank} style={{ marginTop: 6 }}>
        {kept.best.map((each, index) => (
          <li key={each.nodeId}>
            <span>
              <Link href={paths.node(each.nodeId)}>{each.nodeName}</Link> {index === 0 && <b>chosen</b>}
            </span>
            <span>score {each.total.toFixed(2)}</span>
          </li>
        ))}
      </ol>
    )}
  </Panel>
);
