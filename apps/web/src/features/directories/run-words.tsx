import type { DirectoryRunView, SyncCounts } from '@portreeve/contract';
import { Status } from '../../ui/status.tsx';
import type { Tone } from '../../ui/tone.ts';

const TONES: Record<DirectoryRunView['outcome'], Tone> = {
  running: 'busy',
  done: 'ok',
  failed: 'bad',
  held: 'held',
};

/** How a sync ended, in its own last words. */
export const RunStatus = ({ run, wrap }: { run: DirectoryRunView; wrap?: boolean }) => (
  <Status tone={TONES[run.outcome]} wrap={wrap}>
    {run.outcome === 'held' ? 'stopped and asks' : run.outcome}
    {run.text && run.outcome !== 'running' && <span className="dim"> {run.text}</span>}
  </Status>
);

/** What a sync changed or would change; what did not happen is left out. */
export const countWords = (counts: SyncCounts): string => {
  const words = (['created', 'changed', 'joined', 'left', 'disabled', 'enabled'] as const)
    .filter((key) => counts[key] > 0)
    .map((key) => `${counts[key]} ${key}`);
  return words.length === 0 ? 'nothing to change' : words.join(', ');
};
