'use client';
import { Form } from '@patternfly/react-core';
import { type Checkpoint, readCheckpoint, routes, type Verification } from '@portreeve/contract';
import { useEffect, useRef, useState } from 'react';
import { type ApiError, call } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { Fields, TextField } from '../../ui/fields.tsx';
import { Link } from '../../ui/link.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import { AuditTabs } from './audit-tabs.tsx';

type Seen = { entries: number; answer: Verification };

/** The chain is checked for some seconds at a time; the page asks on until it is through or something is wrong. */
const useVerify = () => {
  const [seen, setSeen] = useState<Seen | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const run = useRef<AbortController>(undefined);
  useEffect(() => () => run.current?.abort(), []);
  const start = async (checkpoint: Checkpoint | undefined) => {
    const asking = new AbortController();
    run.current = asking;
    setBusy(true);
    setError(null);
    setSeen(null);
    let [after, entries]: [Checkpoint | undefined, number] = [undefined, 0];
    try {
      do {
        const answer: Verification = await call(
          routes.audit.verify,
          { body: { after, checkpoint } },
          asking.signal,
        );
        entries += answer.entries;
        setSeen({ entries, answer });
        after = answer.ok ? (answer.next ?? undefined) : undefined;
      } while (after !== undefined);
    } catch (failure) {
      if (!asking.signal.aborted) setError(failure as ApiError);
    }
    if (!asking.signal.aborted) setBusy(false);
  };
  return { seen, error, busy, start };
};

const Answer = ({ of: { entries, answer }, busy }: { of: Seen; busy: boolean }) => {
  const { ok, text, head, problem, firstBad, sequence } = answer;
  const through = !busy || !ok;
  return (
    <Panel
      title={through ? 'What was found' : 'So far'}
      aside={`${entries.toLocaleString('en')} entries checked`}
    >
      <p role="status" style={{ marginBlockEnd: 8 }}>
        <Status tone={ok ? (busy ? 'busy' : 'ok') : 'bad'} wrap>
          {text}
        </Status>
      </p>
      {!ok && (
        <p className="dim" style={{ marginBlockEnd: 8 }}>
          {problem} at seal {sequence ?? 'unknown'}
          {firstBad && `, entry ${firstBad}`}. Keep the database as it is, and compare it with a backup and
          with what was forwarded.
        </p>
      )}
      {ok && !busy && head && (
        <>
          <p style={{ marginBlockEnd: 6 }}>
            Keep this outside of the cluster. Given at the next check, it finds a chain that was rewritten or
            cut off as a whole:
          </p>
          <CopyBlock label="the checkpoint" text={`${head.sequence}:${head.hash}`} />
        </>
      )}
    </Panel>
  );
};

/** Whether the record is whole: nothing changed, missing, put in or cut off. */
export const VerifyPage = () => {
  const { seen, error, busy, start } = useVerify();
  const [kept, setKept] = useState('');
  const checkpoint = readCheckpoint(kept);
  const wrong = kept.trim() !== '' && !checkpoint ? 'It is written <number>:<64 hex digits>.' : undefined;
  return (
    <>
      <PageHead
        crumbs={[{ text: 'Audit', to: paths.audit() }]}
        title="Verify the audit"
        status={<span className="dim">every entry is sealed into a chain within a second</span>}
      />
      <AuditTabs active="verify" />
      <Panels>
        <Panel title="Check the chain">
          <Form
            style={{ maxWidth: 640 }}
            onSubmit={(event) => {
              event.preventDefault();
              if (!wrong && !busy) void start(checkpoint);
            }}
          >
            <Fields>
              <TextField
                label="A checkpoint that was kept elsewhere"
                placeholder="48211:9c1e…"
                help="Optional. Without one, entries that were changed, missing or reordered are found, but not a chain that somebody wrote anew as a whole."
                wrong={wrong}
                value={kept}
                onChange={setKept}
              />
              <p className="dim">
                A server that is not trusted can say what it likes of itself:{' '}
                <span className="mono">portreeve audit verify</span> checks from another machine. What was
                written out is checked with the{' '}
                <Link className="apart" href={paths.auditArchives()}>
                  archives
                </Link>
                .
              </p>
            </Fields>
            <ProblemNote error={error} />
            <ActionButton
              type="submit"
              variant="primary"
              size="default"
              style={{ justifySelf: 'start' }}
              isLoading={busy}
              disabledReason={wrong}
            >
              Verify
            </ActionButton>
          </Form>
        </Panel>
        {seen && <Answer of={seen} busy={busy} />}
      </Panels>
    </>
  );
};
