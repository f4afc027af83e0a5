import { DomainError, MOST_FILE_BYTES } from '@portreeve/domain';
import { admitSpec } from '../admission/admit-spec.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { addRevision, beginRollout, changeService } from '../stacks/change.store.ts';
import type { DeployDeps } from '../stacks/deploy.service.ts';
import { usesOfObjects } from '../stacks/object-uses.store.ts';
import { restartDependents } from '../stacks/restart-dependents.ts';
import { getRevision, getService, targetId } from '../stacks/service-target.store.ts';
import { addFileVersion, type FileKind, getFile } from './files.store.ts';

/** Checks that content is base64 and not too large, and gives it back in its one canonical form. */
export const requireContent = (contentBase64: string): string => {
  const bytes = Buffer.from(contentBase64, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== contentBase64.replace(/=+$/, ''))
    throw new DomainError('request.invalid', 'The content is not base64.');
  if (bytes.length > MOST_FILE_BYTES)
    throw new DomainError(
      'too-large',
      `The content has ${bytes.length} bytes; at most ${MOST_FILE_BYTES} are kept.`,
      {
        hint: 'Mount larger data as a volume.',
      },
    );
  return bytes.toString('base64');
};

/** A new version of a config or secret, and a rollout of every service that uses it; all of it or nothing. */
export const changeFile = async (
  deps: DeployDeps,
  ctx: RequestContext,
  kind: FileKind,
  id: string,
  change: { contentBase64: string; version: number },
): Promise<string[]> => {
  const { database, keys } = deps;
  const db = database.prisma;
  const file = await getFile(db, kind, id);
  ctx.authorize(`${kind}.edit`, file.projectPath);
  if (file.stackId)
    throw new DomainError('conflict.state', `The ${kind} ${file.name} came with the file of its stack.`, {
      hint: 'Change it there and apply the stack again.',
    });
  const content = requireContent(change.contentBase64);
  const users = await Promise.all(
    (await usesOfObjects(db, [id])).map(({ serviceId }) => getService(db, serviceId)),
  );
  const running = users.filter(({ desired }) => desired !== 'removed');
  const now = new Date();
  return database.transaction(async (tx) => {
    const next = { content, createdBy: ctx.subject.name };
    const version = await addFileVersion(tx, keys, id, change.version, next);
    if (version === undefined)
      throw new DomainError('conflict.version', `Someone else changed the ${kind} ${file.name} meanwhile.`, {
        hint: 'Look at the newest version and repeat your change.',
      });
    await recordAudit(tx, ctx, {
      action: `${kind}.change`,
      object: { kind, id, name: file.name },
      projectPath: file.projectPath,
      detail: { version, services: running.map(({ name }) => name) },
    });
    await publishChange(tx, { kind: 'file', ids: [id] });
    const rollouts: string[] = [];
    const users = new Set(running.map((user) => user.id));
    for (const { id: serviceId, name } of running) {
      const cause = {
        ctx,
        service: await getService(tx, serviceId),
        action: 'service.roll',
        text: `changed the ${kind} ${file.name}, which ${name} uses`,
      };
      await changeService(tx, cause, {}, now);
      const service = await getService(tx, serviceId);
      const revision = await getRevision(tx, keys, targetId(service));
      // Judged under lock: what is rolled is what was asked about.
      await admitSpec(tx, ctx, service, revision);
      const filePins = revision.filePins.map((pin) => (pin.objectId === id ? { ...pin, version } : pin));
      const revisionId = await addRevision(tx, keys, service, { ...revision, filePins }, ctx.subject.name);
      rollouts.push(await beginRollout(tx, { ...cause, service }, { revisionId, cause: 'secret' }, now));
      await restartDependents(tx, keys, { ctx, service }, now, users);
    }
    return rollouts;
  });
};
