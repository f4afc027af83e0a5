import type { NodeSummary } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { nodeStatus } from './node-words.ts';
import styles from './zone-map.module.css';

const SHORT = 14;
const byZone = (nodes: readonly NodeSummary[]) =>
  [...Map.groupBy(nodes, (node) => node.zone)].sort(([a], [b]) => a.localeCompare(b));

/** Every host as a small square in its zone: what is wrong is seen before anything is read. */
export const ZoneMap = ({ nodes }: { nodes: readonly NodeSummary[] }) => (
  <section className={styles.zones} aria-label="Hosts by zone">
    {byZone(nodes).map(([zone, hosts]) => (
      <span key={zone} className={styles.zone}>
        <b>{zone || 'no zone'}</b>
        <span className={styles.hosts}>
          {hosts
            .toSorted((a, b) => a.name.localeCompare(b.name))
            .map((node) => {
              const [tone, word] = nodeStatus(node);
              return (
                <Link
                  key={node.id}
                  href={paths.node(node.id)}
                  className={`${styles.host} ${styles[tone]} ${node.findings.length > 0 ? styles.marked : ''}`}
                  aria-label={`${node.name}, ${word}`}
                  title={`${node.name}, ${word}`}
                >
                  {node.name.length > SHORT ? `${node.name.slice(0, SHORT - 1)}…` : node.name}
                </Link>
              );
            })}
        </span>
      </span>
    ))}
  </section>
);
