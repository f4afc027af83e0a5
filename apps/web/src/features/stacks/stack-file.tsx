'use client';
import { FormSelect, FormSelectOption } from '@patternfly/react-core';
import { routes, type StackView } from '@portreeve/contract';
import { formatBytes } from '@portreeve/domain';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { CodeText } from '../../ui/code-text.tsx';
import { Gate } from '../../ui/gate.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { TextDiff } from '../../ui/text-diff.tsx';
import { exactTime } from '../../ui/when.tsx';

const Files = ({ id, number, against }: { id: string; number: number; against: number }) => {
  const version = useWatch(routes.stacks.version, { params: { id, number } });
  const older = useWatch(
    routes.stacks.version,
    { params: { id, number: against } },
    { enabled: against > 0 },
  );
  return (
    <Gate of={version} lines={12}>
      {(data) => (
        <Panels>
          {Object.entries(data.files).map(([name, text]) => (
            <Panel
              key={name}
              title={<span className="mono">{name}</span>}
              aside={name === data.entry ? 'entry' : ''}
            >
              {against > 0 && older.data ? (
                <TextDiff before={older.data.files[name] ?? ''} after={text} />
              ) : (
                <CodeText text={text} />
              )}
            </Panel>
          ))}
          {data.unseen.length > 0 && (
            <Panel title="Files that are not shown" aside="names only">
              {data.unseen.map(({ path, bytes, why }) => (
                <div key={path}>
                  <span className="mono">{path}</span>, {formatBytes(bytes)},{' '}
                  {why === 'secret' ? 'a secret is made of it' : 'no text'}
                </div>
              ))}
            </Panel>
          )}
          {data.valueNames.length > 0 && (
            <Panel title="Values given with it" aside="names only">
              <span className="mono">{data.valueNames.join(', ')}</span>
            </Panel>
          )}
        </Panels>
      )}
    </Gate>
  );
};

/** The files as applied, each version, and what changed between two. */
export const StackFile = ({ stack }: { stack: StackView }) => {
  const list = useListState();
  const versions = useWatch(routes.stacks.versions, { params: { id: stack.id }, query: { limit: 100 } });
  const [against, setAgainst] = useState(0);
  const number = Number(list.read('version') ?? stack.stackVersion);
  return (
    <Panels>
      <div style={{ display: 'flex', gap: 12, alignItems: 'center', flexWrap: 'wrap' }}>
        <span style={{ inlineSize: 300 }}>
          <FormSelect
            aria-label="Version"
            value={number}
            onChange={(_, value) => list.filter({ version: value })}
          >
            {(versions.data?.items ?? []).map((each) => (
              <FormSelectOption
                key={each.id}
                value={each.number}
                label={`version ${each.number} by ${each.appliedBy}, ${exactTime(each.createdAt)}`}
              />
            ))}
          </FormSelect>
        </span>
        <span className="dim">compared with</span>
        <span style={{ inlineSize: 120 }}>
          <FormSelect
            aria-label="Compared with"
            value={against}
            onChange={(_, value) => setAgainst(Number(value))}
          >
            <FormSelectOption value={0} label="nothing" />
            {(versions.data?.items ?? [])
              .filter((each) => each.number !== number)
              .map((each) => (
                <FormSelectOption key={each.id} value={each.number} label={`${each.number}`} />
              ))}
          </FormSelect>
        </span>
        <ButtonLink
          to={paths.deploy({ stack: stack.id, version: number })}
          text={number === stack.stackVersion ? 'Edit and deploy' : `Deploy from version ${number}`}
        />
      </div>
      <Files id={stack.id} number={number} against={against} />
    </Panels>
  );
};
