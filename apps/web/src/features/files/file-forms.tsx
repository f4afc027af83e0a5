'use client';
import type { StoredFileView } from '@portreeve/contract';
import { Name } from '@portreeve/domain';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Fields, TextField } from '../../ui/fields.tsx';
import { Link } from '../../ui/link.tsx';
import { useProject } from '../projects/project.ts';
import { ProjectField } from '../projects/project-field.tsx';
import { useLack } from '../session/lack.ts';
import { type Content, ContentField, contentWrong, encodeContent, NO_CONTENT } from './content-field.tsx';
import { FILE_KINDS, type FileKind } from './kinds.ts';

const nameWrong = (name: string): string | undefined =>
  name === '' || Name.safeParse(name).success
    ? undefined
    : 'Lower-case letters, digits, - and _, at most 63; Compose files refer to it by this name.';

export const NewFile = ({ kind }: { kind: FileKind }) => {
  const here = useProject();
  const create = useAction(FILE_KINDS[kind].routes.create);
  const [project, setProject] = useState(here);
  const [name, setName] = useState('');
  const [content, setContent] = useState<Content>(NO_CONTENT);
  const wrong = nameWrong(name);
  return (
    <Confirm
      label={`New ${kind}`}
      variant="primary"
      disabledReason={useLack(FILE_KINDS[kind].edit)}
      notYet={name === '' ? 'It needs a name' : (wrong ?? contentWrong(content))}
      run={() =>
        create.mutateAsync({ query: { project }, body: { name, contentBase64: encodeContent(content) } })
      }
      onDone={() => {
        setName('');
        setContent(NO_CONTENT);
      }}
    >
      <Fields>
        <TextField label="Name" required wrong={wrong} value={name} onChange={setName} />
        <ProjectField
          help="Stacks of this project and those below can use it."
          value={project}
          onChange={setProject}
        />
        <ContentField content={content} onChange={setContent} hidden={kind === 'secret'} />
      </Fields>
    </Confirm>
  );
};

const whoRolls = ({ usedBy }: StoredFileView): string => {
  if (usedBy.length === 0) return 'Nothing uses it: nothing rolls.';
  const names = usedBy.map((service) => service.name).join(', ');
  return `${usedBy.length === 1 ? 'One service rolls' : `${usedBy.length} services roll`} to it, each by its own update_config: ${names}.`;
};

type FileProps = { kind: FileKind; file: StoredFileView; start?: string };

/** A new version, and the rollouts it began. */
export const NewVersion = ({ kind, file, start = '' }: FileProps) => {
  const change = useAction(FILE_KINDS[kind].routes.change);
  const [content, setContent] = useState<Content | null>(null);
  const shown = content ?? { text: start, file: null };
  const rollouts = change.data?.rollouts ?? [];
  return (
    <>
      <Confirm
        label="New version"
        title={`Version ${file.version + 1} of ${file.name}`}
        disabledReason={useLack(FILE_KINDS[kind].edit)}
        notYet={content === null ? 'Nothing is changed' : contentWrong(shown)}
        run={() =>
          change.mutateAsync({
            params: { id: file.id },
            body: { contentBase64: encodeContent(shown) },
            ifMatch: file.version,
          })
        }
        onDone={() => setContent(null)}
      >
        <p style={{ marginBottom: 10 }}>{whoRolls(file)}</p>
        <ContentField content={shown} onChange={setContent} hidden={kind === 'secret'} />
      </Confirm>
      {rollouts.map((id, index) => (
        <Link key={id} href={paths.rollout(id)}>
          {rollouts.length === 1 ? 'the rollout' : `rollout ${index + 1}`}
        </Link>
      ))}
    </>
  );
};

export const RemoveFile = ({ kind, file }: FileProps) => {
  const remove = useAction(FILE_KINDS[kind].routes.remove);
  const lack = useLack(FILE_KINDS[kind].edit);
  const users = file.usedBy.map((service) => service.name).join(', ');
  return (
    <Confirm
      label="Remove"
      title={`Remove ${file.name}`}
      danger
      typeName={file.name}
      disabledReason={
        lack ?? (users ? `${users} ${file.usedBy.length === 1 ? 'uses' : 'use'} it.` : undefined)
      }
      run={() => remove.mutateAsync({ params: { id: file.id } })}
    >
      All {file.version} versions of {file.name} are removed. Undo to a revision that used it is refused from
      then on.
    </Confirm>
  );
};
