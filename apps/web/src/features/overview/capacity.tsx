import type { Overview } from '@portreeve/contract';
import { formatBytes } from '@portreeve/domain';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { UsageBar } from '../../ui/usage-bar.tsx';
import styles from './capacity.module.css';

const cores = (value: number) => `${Number(value.toFixed(1))}`;

export const CapacityPanel = ({ capacity, nodes }: Pick<Overview, 'capacity' | 'nodes'>) => {
  const { cpus, memory, withoutLargest } = capacity;
  return (
    <Panel title="Capacity" aside={`reserved on ${nodes.total} ${nodes.total === 1 ? 'node' : 'nodes'}`}>
      <dl className={styles.list}>
        <dt>CPU</dt>
        <dd>
          <UsageBar
            name="CPU"
            {...cpus}
            label={`${cores(cpus.reserved)} of ${cores(cpus.allocatable)} cores`}
          />
        </dd>
        <dt>Memory</dt>
        <dd>
          <UsageBar
            name="Memory"
            {...memory}
            label={`${formatBytes(memory.reserved)} of ${formatBytes(memory.allocatable)}`}
          />
        </dd>
      </dl>
      {withoutLargest && (
        <p className={styles.note}>
          <Status tone={withoutLargest.fits ? 'ok' : 'warn'} wrap>
            {withoutLargest.fits
              ? `If ${withoutLargest.node}, the largest, is lost, everything still fits: ${cores(withoutLargest.cpusLeft)} cores and ${formatBytes(Math.max(0, withoutLargest.memoryLeft))} stay free.`
              : `If ${withoutLargest.node}, the largest, is lost, not everything fits.`}
          </Status>
        </p>
      )}
    </Panel>
  );
};
