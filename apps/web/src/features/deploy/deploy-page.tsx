'use client';
import { routes } from '@portreeve/contract';
import { useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { LoadingLines } from '../../ui/loading.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import { projectName, useProject } from '../projects/project.ts';
import { ApplyFoot, notYet } from './apply-foot.tsx';
import styles from './deploy-page.module.css';
import { type Draft, keptDraft, newDraft, useBase } from './draft.ts';
import type { EditorHandle } from './editor.tsx';
import { FileBar } from './file-bar.tsx';
import { NameFields } from './name-fields.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { useApply, useDraftPlan } from './use-plan.ts';
import { ValuesForm } from './values-form.tsx';

const Editor = dynamic(() => import('./editor.tsx').then((module) => module.Editor), {
  ssr: false,
  loading: () => <LoadingLines lines={8} />,
});

type Start = {
  stackId: string | undefined;
  /** The files of the version the draft began as; null for a new stack. */
  base: Record<string, string> | null;
  first: Draft;
};

const Work = ({ start }: { start: Start }) => {
  const { stackId, base, first } = start;
  const router = useRouter();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => keptDraft.read(stackId, first.project) ?? first);
  const [open, setOpen] = useState(draft.entry);
  const editor = useRef<EditorHandle>(null);
  const schema = useWatch(routes.stacks.schema, {});
  const { plan, error, stale, at } = useDraftPlan(draft);
  const { apply, outcome, reset } = useApply((applied) => {
    keptDraft.forget(stackId, draft.project);
    router.push(paths.stack(applied.stackId));
  });
  const change = (next: Draft) => {
    setDraft(next);
    reset();
    keptDraft.keep(stackId, next);
  };
  const edited = base !== null && JSON.stringify(base) !== JSON.stringify(draft.files);
  const discard = () => {
    keptDraft.forget(stackId, first.project);
    setDraft(first);
    setOpen(first.entry);
  };
  const run = () => {
    if (plan && notYet({ draft, plan, stale }) === undefined && outcome.state !== 'busy')
      void apply(draft, plan);
  };
  useEffect(() => {
    if (outcome.state === 'moved') void client.invalidateQueries({ queryKey: ['draft plan'] });
  }, [outcome.state, client]);
  const goTo = (file: string, line: number, column: number) => {
    if (draft.files[file] !== undefined) setOpen(file);
    setTimeout(() => editor.current?.goTo(line, column), 50);
  };
  const text = draft.files[open] ?? '';
  const marks = (plan?.diagnostics ?? []).filter((each) => each.file === open);
  const errors = plan?.diagnostics.filter((each) => each.severity === 'error').length ?? 0;
  const warnings = (plan?.diagnostics.length ?? 0) - errors;
  return (
    <>
      {stackId === undefined && <NameFields draft={draft} onChange={change} />}
      {edited && (
        <p style={{ marginBottom: 8 }}>
          <Status tone="held">edited, nothing applied yet</Status>{' '}
          <button type="button" className="quiet" onClick={discard}>
            Discard edits
          </button>
        </p>
      )}
      <div className={styles.page}>
        <div className={styles.left}>
          <Panel className={styles.editor}>
            <FileBar draft={draft} open={open} onOpen={setOpen} onDraft={change} />
            <div className={styles.text}>
              {typeof text === 'string' ? (
                <Editor
                  ref={editor}
                  key={open}
                  label={open}
                  text={text}
                  base={base?.[open] ?? null}
                  marks={marks}
                  schema={schema.data}
                  onChange={(typed) => change({ ...draft, files: { ...draft.files, [open]: typed } })}
                  onApply={run}
                />
              ) : (
                <p style={{ padding: 14 }}>{open} is no text, so it is not shown. It is sent as it is.</p>
              )}
            </div>
            <div className={styles.foot}>
              {errors > 0 && (
                <Status tone="bad">
                  {errors} {errors === 1 ? 'problem' : 'problems'}
                </Status>
              )}
              {warnings > 0 && (
                <Status tone="warn">
                  {warnings} {warnings === 1 ? 'warning' : 'warnings'}
                </Status>
              )}
              {errors + warnings === 0 && <Status tone="ok">no problem found</Status>}
              <span className="dim">
                next <kbd>F8</kbd> · apply <kbd>Ctrl Enter</kbd>
              </span>
            </div>
          </Panel>
          <ValuesForm variables={plan?.variables ?? []} draft={draft} onChange={change} />
        </div>
        <PlanPanel
          plan={plan}
          error={error}
          stale={stale}
          at={at}
          onGoTo={goTo}
          foot={<ApplyFoot draft={draft} plan={plan} stale={stale} outcome={outcome} onApply={run} />}
        />
      </div>
    </>
  );
};

const Existing = ({ stackId, version }: { stackId: string; version: number | undefined }) => {
  const { stack, file } = useBase(stackId, version);
  const [start, setStart] = useState<Start | null>(null);
  // The draft begins once; what others apply meanwhile shows in the plan, not under the cursor.
  useEffect(() => {
    if (start !== null || !stack.data || !file.data) return;
    const first: Draft = {
      name: stack.data.name,
      project: stack.data.projectPath,
      files: file.data.files,
      entry: file.data.entry,
      values: {},
      keep:
        file.data.valueNames.length + file.data.unseen.length > 0
          ? {
              version: file.data.number,
              names: file.data.valueNames,
              files: file.data.unseen.map(({ path }) => path),
            }
          : undefined,
      profiles: file.data.profiles,
    };
    setStart({ stackId, base: file.data.files, first });
  }, [start, stack.data, file.data, stackId]);
  return (
    <>
      <PageHead
        crumbs={
          stack.data
            ? [
                {
                  text: projectName(stack.data.projectPath),
                  to: paths.stacks({ project: stack.data.projectPath }),
                },
                { text: stack.data.name, to: paths.stack(stackId) },
              ]
            : []
        }
        title={stack.data ? `Deploy ${stack.data.name}` : 'Deploy'}
        actions={<ButtonLink to={paths.stack(stackId, 'file')} text="Earlier files" />}
        meta={
          file.data && (
            <>
              <Fact name="based on">
                file {file.data.number}, applied by {file.data.appliedBy}{' '}
                <When at={file.data.createdAt} as="ago" />
              </Fact>
              <Fact name="services">
                {stack.data?.services} running, {stack.data?.count.ready} of {stack.data?.count.wanted} tasks
                ready
              </Fact>
            </>
          )
        }
      />
      <ProblemNote error={stack.error ?? file.error} />
      {start ? <Work start={start} /> : !stack.error && !file.error && <LoadingLines lines={10} />}
    </>
  );
};

/** Left the file, right what it would do; Apply runs exactly that. */
export const DeployPage = () => {
  const search = useSearchParams();
  const project = useProject();
  const stackId = search.get('stack') ?? undefined;
  const version = search.get('version');
  if (stackId)
    return <Existing key={stackId} stackId={stackId} version={version ? Number(version) : undefined} />;
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.stacks({ project }) }]}
        title="Deploy a stack"
      />
      <Work start={{ stackId: undefined, base: null, first: newDraft(project) }} />
    </>
  );
};
