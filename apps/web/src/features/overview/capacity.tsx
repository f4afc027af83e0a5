import type { Overview } from '@portreeve/contract';
import { formatBytes } from '@portreeve/domain';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { inUse, UsageBar } from '../../ui/usage-bar.tsx';
import styles from './capacity.module.css';

const cores = (value: number) => `${Number(value.toFixed(1))}`;

export const CapacityPanel = ({ capacity, nodes }: Pick<Overview, 'capacity' | 'nodes'>) => {
  const { cpus, memory, fullestDisk, withoutLargest } = capacity;
  return (
    <Panel
      title="Capacity"
      aside={`used within reserved, ${nodes.total} ${nodes.total === 1 ? 'node' : 'nodes'}`}
    >
      <dl className={styles.list}>
        <dt>CPU</dt>
        <dd>
          <UsageBar
            name="CPU"
            {...cpus}
            label={`${cores(inUse(cpus))} of ${cores(cpus.allocatable)} cores`}
          />
        </dd>
        <dt>Memory</dt>
        <dd>
          <UsageBar
            name="Memory"
            {...memory}
            label={`${formatBytes(inUse(memory))} of ${formatBytes(memory.allocatable)}`}
          />
        </dd>
        {fullestDisk && (
          <>
            <dt>Disk</dt>
            <dd>
              <UsageBar
                name="Fullest disk"
                used={fullestDisk.used}
                reserved={0}
                allocatable={fullestDisk.total}
                label={`fullest: ${fullestDisk.node}, ${Math.round((100 * fullestDisk.used) / fullestDisk.total)} %`}
              />
            </dd>
          </>
        )}
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
