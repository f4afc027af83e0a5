'use client';
import { Checkbox, Form } from '@patternfly/react-core';
import { type DirectoryView, routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Fields } from '../../ui/fields.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { useLack } from '../session/lack.ts';
import { type Draft, draftOf, read } from './draft.ts';
import { GroupFields, PeopleSearches } from './search-fields.tsx';
import { BindFields, ConnectionFields } from './set-up-fields.tsx';
import { SyncFields } from './sync-fields.tsx';
import { TestPanel } from './test-panel.tsx';

const useSave = (directory: DirectoryView | undefined) => {
  const create = useAction(routes.directories.create);
  const edit = useAction(routes.directories.edit);
  const router = useRouter();
  type Body = Parameters<typeof create.mutate>[0]['body'];
  return {
    busy: create.isPending || edit.isPending,
    error: create.error ?? edit.error,
    save: (body: Body) =>
      directory
        ? edit.mutate({ params: { id: directory.id }, body, ifMatch: directory.version })
        : create.mutate({ body }, { onSuccess: ({ id }) => router.push(paths.directory(id)) }),
  };
};

/** How a directory is reached and read: typed, tried, and then kept, with what was before kept beside it. */
export const SetUp = ({ directory }: { directory?: DirectoryView }) => {
  const lack = useLack('directory.edit');
  const [draft, setDraft] = useState(() => draftOf(directory));
  const [untested, setUntested] = useState(false);
  const { busy, error, save } = useSave(directory);
  const parsed = read(draft);
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const part = { draft, set, parsed };
  const notYet = () => {
    if (draft.name === '') return 'It needs a name.';
    const issue = parsed.error?.issues[0];
    return issue && `${issue.path.join(' ')}: ${issue.message}`;
  };
  const submit = () => {
    if (!parsed.data || lack || notYet()) return;
    save({
      name: draft.name,
      position: Number(draft.position),
      enabled: draft.enabled,
      configuration: parsed.data,
      ...(draft.password !== '' && { password: draft.password }),
      untested,
    });
  };
  return (
    <Panels of="two">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Panels>
          <Panel title="The directory">
            <Fields>
              <ConnectionFields {...part} />
              <BindFields {...part} hasPassword={directory?.hasPassword ?? false} />
            </Fields>
          </Panel>
          <PeopleSearches {...part} />
          <GroupFields {...part} />
          <SyncFields {...part} />
          <ProblemNote error={error} />
          {error?.code === 'directory.refused' && (
            <Checkbox
              id="untested"
              label="Keep it though it does not work now"
              description="Nobody can sign in by it before it does. Accounts of this console go on working."
              isChecked={untested}
              onChange={(_, on) => setUntested(on)}
            />
          )}
          <ActionButton
            type="submit"
            variant="primary"
            size="default"
            style={{ justifySelf: 'start' }}
            isLoading={busy}
            disabledReason={lack ?? notYet()}
          >
            Save
          </ActionButton>
        </Panels>
      </Form>
      <div style={{ position: 'sticky', insetBlockStart: 0, alignSelf: 'start' }}>
        <TestPanel directoryId={directory?.id} configuration={parsed.data} password={draft.password} />
      </div>
    </Panels>
  );
};
