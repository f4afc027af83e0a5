'use client';
import { type DirectoryView, routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { When } from '../../ui/when.tsx';
import { useLack } from '../session/lack.ts';
import { RunStatus } from './run-words.tsx';
import { SetUp } from './set-up.tsx';
import { UncheckedBanner } from './set-up-fields.tsx';
import { Syncs } from './syncs.tsx';

type Props = { directory: DirectoryView };
const HOME = { text: 'Directories', to: paths.settings('directories') };

const TABS = { syncs: { text: 'Syncs', Tab: Syncs }, 'set-up': { text: 'Set-up', Tab: SetUp } };

const SwitchBack = ({ directory }: Props) => {
  const back = useAction(routes.directories.switchBack);
  const { previous } = directory;
  return (
    <Confirm
      label="Switch back"
      title="Switch back to the set-up before"
      disabledReason={
        useLack('directory.edit') ?? (previous ? undefined : 'There is no set-up before this one.')
      }
      run={() => back.mutateAsync({ params: { id: directory.id } })}
    >
      {directory.name} is asked at {previous?.urls.join(', ')} again, as before the last change. The present
      set-up is kept beside it, so that this can be undone the same way.
    </Confirm>
  );
};

const RemoveDirectory = ({ directory }: Props) => {
  const remove = useAction(routes.directories.remove);
  const router = useRouter();
  return (
    <Confirm
      label="Remove"
      title={`Remove ${directory.name}`}
      danger
      typeName={directory.name}
      disabledReason={useLack('directory.edit')}
      run={() => remove.mutateAsync({ params: { id: directory.id } })}
      onDone={() => router.push(HOME.to)}
    >
      Its {directory.people} people are disabled and signed out, its rules leave the teams. To stop it for a
      while, turn it off in its set-up instead.
    </Confirm>
  );
};

const Head = ({ directory }: Props) => {
  const shown = directory.held ?? directory.lastRun;
  return (
    <PageHead
      crumbs={[{ text: 'Settings', to: paths.settings() }, HOME]}
      title={directory.name}
      status={directory.enabled ? shown && <RunStatus run={shown} wrap /> : <Status tone="off">off</Status>}
      meta={
        <>
          <Fact name="at">{directory.configuration.urls.join(', ')}</Fact>
          <Fact name="people">{directory.people}</Fact>
          <Fact name="read whole">
            {directory.lastFullAt ? <When at={directory.lastFullAt} as="ago" /> : 'never'}
          </Fact>
          <Fact name="sync every">{directory.configuration.syncSeconds} s</Fact>
        </>
      }
      actions={
        <>
          <SwitchBack directory={directory} />
          <RemoveDirectory directory={directory} />
        </>
      }
    />
  );
};

/** One directory: its syncs, and how it is reached and read. */
export const DirectoryPage = ({ id, tab }: { id: string; tab: string }) => {
  const directory = useWatch(routes.directories.get, { params: { id } });
  const active = chosenTab(TABS, tab);
  const { Tab } = TABS[active];
  return (
    <ObjectGate of={directory} kind="Directory" home={HOME}>
      {(data) => (
        <>
          <Head directory={data} />
          <LinkTabs
            label={data.name}
            active={active}
            tabs={tabPlaces(TABS, (key) => paths.directory(id, key))}
          />
          <Panels>
            {active !== 'set-up' &&
              data.configuration.security !== 'plain' &&
              !data.configuration.verifyCertificate && <UncheckedBanner />}
            <Tab key={active === 'set-up' ? data.version : active} directory={data} />
          </Panels>
        </>
      )}
    </ObjectGate>
  );
};
