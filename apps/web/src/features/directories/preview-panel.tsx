import type { SyncPreview } from '@portreeve/contract';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import type { Tone } from '../../ui/tone.ts';
import { countWords } from './run-words.tsx';

const MOST = 30;
type Group = { tone: Tone; text: string; count: number; names: string[] };

const groupsOf = ({ counts, created, joined, left, disabled, enabled }: SyncPreview): Group[] =>
  (
    [
      { tone: 'ok', text: 'get an account', count: counts.created, names: created.map(({ name }) => name) },
      {
        tone: 'ok',
        text: 'join',
        count: counts.joined,
        names: joined.map(({ person, team }) => `${person.name} → ${team}`),
      },
      {
        tone: 'warn',
        text: 'leave',
        count: counts.left,
        names: left.map(({ person, team }) => `${person.name} ← ${team}`),
      },
      { tone: 'bad', text: 'are disabled', count: counts.disabled, names: disabled.map(({ name }) => name) },
      { tone: 'ok', text: 'are enabled', count: counts.enabled, names: enabled.map(({ name }) => name) },
    ] as Group[]
  ).filter(({ count }) => count > 0);

/** What a sync would do, person by person. */
export const PreviewPanel = ({ preview, onClose }: { preview: SyncPreview; onClose: () => void }) => (
  <Panel
    title="What a sync would do now"
    aside={
      <>
        nothing is applied yet ·{' '}
        <button type="button" className="quiet" onClick={onClose}>
          close
        </button>
      </>
    }
  >
    {preview.held.map((why) => (
      <p key={why} style={{ padding: '2px 0' }}>
        <Status tone="bad" wrap>
          It would stop and ask: {why}
        </Status>
      </p>
    ))}
    <p style={{ padding: '2px 0' }}>
      {preview.counts.read} entries read, {countWords(preview.counts)}.
    </p>
    {groupsOf(preview).map(({ tone, text, count, names }) => (
      <p key={text} style={{ padding: '2px 0' }}>
        <Status tone={tone} wrap>
          <b>
            {count} {text}:
          </b>{' '}
          {names.slice(0, MOST).join(', ')}
          {count > MOST && <span className="dim"> and {count - MOST} more</span>}
        </Status>
      </p>
    ))}
  </Panel>
);
