'use client';
import { routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { asSentence } from '../../ui/sentence.ts';
import { Status } from '../../ui/status.tsx';
import styles from './drain.module.css';

const REFRESH_MS = 5_000;

/** Who would move where, and what cannot, as it stands while the dialog is open. */
export const DrainPreview = ({ id }: { id: string }) => {
  const preview = useWatch(routes.nodes.drainPreview, { params: { id } }, { everyMs: REFRESH_MS });
  return (
    <Gate of={preview} lines={4}>
      {({ summary, moves, stays }) => (
        <>
          <p>
            <b>{summary}</b>
          </p>
          <ul className={styles.moves}>
            {moves.map((move) => (
              <li key={move.taskId}>
                <Link href={paths.task(move.taskId)}>{move.name}</Link>
                <span aria-hidden>→</span>
                <span>{move.to ?? 'no node yet'}</span>
                <span className="dim">{move.sentence}</span>
              </li>
            ))}
          </ul>
          {stays.map((stay) => (
            <p key={stay.taskId} className={styles.stay}>
              <Status tone="held" wrap>
                <b>{stay.name}</b> stays. <span className="dim">{asSentence(stay.reason)}</span>
              </Status>
            </p>
          ))}
          <p className="dim">
            Each replacement must be ready before the old task stops, wherever that is possible. Afterwards
            the node stays empty until you uncordon it.
          </p>
        </>
      )}
    </Gate>
  );
};
