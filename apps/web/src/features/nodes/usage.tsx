import type { NodeSummary } from '@portreeve/contract';
import { hotWords, UsageBar } from '../../ui/usage-bar.tsx';
import styles from './usage.module.css';

const GIB = 1024 ** 3;
const short = (value: number) => `${Number(value.toFixed(1))}`;
const none = <span className="dim">–</span>;

type Usage = NodeSummary['cpus'];
/** In a list there is no room beside the bar: it is said below the row. */
const unitWords = (usage: Usage, unit: string): string => {
  const hot = unit === '' ? undefined : hotWords(usage);
  return hot === undefined ? unit : `${unit}, ${hot}`;
};

type Cpus = { cpus: NodeSummary['cpus']; unit?: string };
export const CpuBar = ({ cpus, unit = '' }: Cpus) =>
  cpus.allocatable === 0 ? (
    none
  ) : (
    <UsageBar
      name="CPU"
      {...cpus}
      label={`${short(cpus.reserved)} of ${short(cpus.allocatable)}${unitWords(cpus, unit)}`}
    />
  );

type Memory = { memory: NodeSummary['memory']; unit?: string };
export const MemoryBar = ({ memory, unit = '' }: Memory) =>
  memory.allocatable === 0 ? (
    none
  ) : (
    <UsageBar
      name="Memory"
      {...memory}
      label={`${short(memory.reserved / GIB)} of ${short(memory.allocatable / GIB)}${unitWords(memory, unit)}`}
    />
  );

/** Of the fullest disk; nothing is reserved on disks. */
type Disk = { disk: NodeSummary['disk']; unit?: string };
export const DiskBar = ({ disk, unit = '' }: Disk) =>
  disk === null ? (
    none
  ) : (
    <UsageBar
      name="Disk"
      used={disk.usedBytes}
      reserved={0}
      allocatable={disk.totalBytes}
      label={`${short(disk.usedBytes / GIB)} of ${short(disk.totalBytes / GIB)}${unit}`}
    />
  );

/** What is nearly all used on a host, in sentences. */
export const hotSentences = ({ cpus, memory }: Pick<NodeSummary, 'cpus' | 'memory'>): string[] =>
  Object.entries({ CPU: cpus, Memory: memory }).flatMap(([name, usage]) => {
    const hot = hotWords(usage);
    return hot === undefined ? [] : [`${name} ${hot}.`];
  });

/** What the three tones of a bar mean. */
export const Legend = () => (
  <p className={styles.legend}>
    {(['used', 'reserved', 'allocatable'] as const).map((part) => (
      <span key={part}>
        <i className={styles[part]} /> {part}
      </span>
    ))}
  </p>
);

const add = (a: Usage, b: Usage): Usage => ({
  used: a.used === null && b.used === null ? null : (a.used ?? 0) + (b.used ?? 0),
  reserved: a.reserved + b.reserved,
  allocatable: a.allocatable + b.allocatable,
});
const NOTHING: Usage = { used: null, reserved: 0, allocatable: 0 };

/** What the nodes have together; a lost one has nothing to give. */
export const together = (nodes: readonly NodeSummary[]): { cpus: Usage; memory: Usage } => {
  const there = nodes.filter((node) => node.state !== 'lost');
  return {
    cpus: there.map((node) => node.cpus).reduce(add, NOTHING),
    memory: there.map((node) => node.memory).reduce(add, NOTHING),
  };
};
