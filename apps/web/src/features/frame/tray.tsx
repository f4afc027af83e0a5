'use client';
import { Badge, Button, Popover } from '@patternfly/react-core';
import { TasksIcon } from '@patternfly/react-icons';
import { routes } from '@portreeve/contract';
import { useWatch } from '../../live/queries.ts';
import { Link } from '../../ui/link.tsx';
import { When } from '../../ui/when.tsx';
import styles from './tray.module.css';

/** What is running now; each can be left and found again here. */
export const Tray = () => {
  const { data } = useWatch(routes.rollouts.operations, { query: { limit: 100 } });
  const items = data?.items ?? [];
  return (
    <Popover
      headerContent={items.length === 0 ? 'Nothing is running' : 'Running now'}
      bodyContent={(hide) =>
        items.length === 0 ? (
          <span className="dim">Rollouts and drains show here while they last.</span>
        ) : (
          <div className={styles.list}>
            {items.map((item) => (
              <div key={item.id}>
                <div className={styles.line}>
                  <Link href={item.path} onClick={hide}>
                    {item.title}
                  </Link>
                  <span className="dim">
                    <When at={item.startedAt} />
                  </span>
                </div>
                <div className="dim">{item.text}</div>
                <div className={styles.track}>
                  <i style={{ width: `${Math.round(Math.min(1, item.progress) * 100)}%` }} />
                </div>
              </div>
            ))}
          </div>
        )
      }
    >
      <Button
        variant="plain"
        size="sm"
        aria-label={`Operations under way: ${items.length}`}
        icon={<TasksIcon />}
      >
        {items.length > 0 && <Badge>{items.length}</Badge>}
      </Button>
    </Popover>
  );
};
