'use client';
import { routes } from '@portreeve/contract';
import dynamic from 'next/dynamic';
import { useEffect, useState } from 'react';
import { type ApiError, fetchFile } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { saveFile } from '../../lib/save-file.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { LoadingLines } from '../../ui/loading.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Teach } from '../../ui/teach.tsx';
import { exactTime } from '../../ui/when.tsx';
import { type Cast, readCast } from './cast.ts';

const CastPlayer = dynamic(() => import('./cast-player.tsx').then((module) => module.CastPlayer), {
  ssr: false,
});

/** Asked for once: watching is audited each time. */
const useFile = (id: string) => {
  const [file, setFile] = useState<string>();
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    const asking = new AbortController();
    fetchFile(routes.audit.recording, { params: { id } }, asking.signal)
      .then((response) => response.text())
      .then(setFile, (failure: ApiError) => !asking.signal.aborted && setError(failure));
    return () => asking.abort();
  }, [id]);
  return { file, error };
};

const Screen = ({ file, cast }: { file: string | undefined; cast: Cast | undefined }) => {
  if (file === undefined) return <LoadingLines lines={12} />;
  if (!cast) return <Teach title="This is no recording">Save it and look at it by hand.</Teach>;
  if (cast.events.length === 0) return <Teach title="Nothing was shown in this terminal" />;
  return <CastPlayer cast={cast} />;
};

/** What a recorded terminal showed, as the person at it saw it. */
export const RecordingPage = ({ id }: { id: string }) => {
  const { file, error } = useFile(id);
  const [cast, setCast] = useState<Cast>();
  useEffect(() => setCast(file === undefined ? undefined : readCast(file)), [file]);
  return (
    <>
      <PageHead
        crumbs={[{ text: 'Audit', to: paths.audit() }]}
        title="Recorded terminal"
        meta={
          cast && (
            <>
              <Fact name="opened">{exactTime(cast.startedAt)}</Fact>
              <Fact name="size">
                {cast.columns} × {cast.rows}
              </Fact>
              <Fact>silences are shortened to two seconds; that you watched is audited</Fact>
            </>
          )
        }
        actions={
          <ActionButton
            disabledReason={file === undefined ? 'It is not here yet.' : undefined}
            onClick={() => file !== undefined && void saveFile(new Response(file), `terminal-${id}.cast`)}
          >
            Save as asciicast
          </ActionButton>
        }
      />
      <ProblemNote error={error} />
      {!error && (
        <Panel>
          <Screen file={file} cast={cast} />
        </Panel>
      )}
    </>
  );
};
