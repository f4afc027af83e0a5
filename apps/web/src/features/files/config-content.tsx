'use client';
import { routes, type StoredFileView } from '@portreeve/contract';
import { useWatch } from '../../live/queries.ts';
import { CodeText } from '../../ui/code-text.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import type { ListState } from '../../ui/list-state.ts';
import { Panel } from '../../ui/panel.tsx';
import { TextDiff } from '../../ui/text-diff.tsx';
import { decodeText } from './base64.ts';
import { NewVersion } from './file-forms.tsx';
import styles from './files.module.css';

const useContent = (id: string, version: number) =>
  useWatch(routes.configs.read, { params: { id }, query: { version } }, { enabled: version > 0 });

const NotText = () => <span className="dim">This is no text, so it is not shown.</span>;

const Changes = ({ id, version, text }: { id: string; version: number; text: string }) => {
  const before = useContent(id, version - 1);
  return (
    <Gate of={before}>
      {(data) => {
        const old = decodeText(data.contentBase64);
        return old === null ? <NotText /> : <TextDiff before={old} after={text} />;
      }}
    </Gate>
  );
};

type Props = { file: StoredFileView; list: ListState };

/** One version of a config, whole or as what it changed; which one stands in the URL. */
export const ConfigContent = ({ file, list }: Props) => {
  const version = Math.min(Number(list.read('version')) || file.version, file.version);
  const diff = list.read('diff') === '1' && version > 1;
  const content = useContent(file.id, version);
  const text = content.data ? decodeText(content.data.contentBase64) : null;
  return (
    <Panel
      title={`${file.name}, version ${version} of ${file.version}`}
      aside={
        <span className={styles.chips}>
          {version > 1 && (
            <Link href={list.hrefOf({ version: `${version - 1}` })}>version {version - 1}</Link>
          )}
          {version < file.version && (
            <Link href={list.hrefOf({ version: `${version + 1}` })}>version {version + 1}</Link>
          )}
          {version > 1 && (
            <Link href={list.hrefOf({ diff: diff ? undefined : '1' })}>
              {diff ? 'whole text' : 'what it changed'}
            </Link>
          )}
          <Link href={list.hrefOf({ view: undefined, version: undefined, diff: undefined })}>close</Link>
        </span>
      }
    >
      <Gate of={content}>
        {() => {
          if (text === null) return <NotText />;
          return diff ? <Changes id={file.id} version={version} text={text} /> : <CodeText text={text} />;
        }}
      </Gate>
      {text !== null && version === file.version && (
        <div style={{ display: 'flex', gap: 12, alignItems: 'center', marginTop: 8 }}>
          <NewVersion key={version} kind="config" file={file} start={text} />
        </div>
      )}
    </Panel>
  );
};
