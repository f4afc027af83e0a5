import { MOST_LINES } from './log-buffer.ts';
import styles from './logs-tab.module.css';
import type { Log } from './use-log.ts';

type Props = { log: Log; shown: number; follow: boolean; onFollow: (follow: boolean) => void };

/** Whether lines still come, how many, and where they are kept. */
export const LogFoot = ({ log, shown, follow, onFollow }: Props) => {
  const tasks = new Set(log.lines.map((line) => line.taskId)).size;
  return (
    <div className={styles.foot}>
      {log.state === 'following' && follow && (
        <span className={styles.live}>
          <i aria-hidden /> following {tasks} {tasks === 1 ? 'task' : 'tasks'}, {log.rate} lines/s
        </span>
      )}
      {log.state === 'following' && !follow && (
        <span>
          paused while you read, {log.rate} lines/s arrive ·{' '}
          <button type="button" className="quiet" onClick={() => onFollow(true)}>
            follow
          </button>
        </span>
      )}
      {log.state === 'opening' && <span className="dim">asking the hosts…</span>}
      {log.state === 'ended' && <span className="dim">{log.reason || 'that is all'}</span>}
      <span className="dim">
        {shown.toLocaleString('en')} lines here{log.lines.length >= MOST_LINES ? ', older ones fell out' : ''}{' '}
        · logs are kept on the hosts
      </span>
    </div>
  );
};
