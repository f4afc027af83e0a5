import { type DirectoryConfiguration, directoryRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { recordAudit } from '../../audit/audit.store.ts';
import { readSettings } from '../../platform/cluster/settings.store.ts';
import type { Tx } from '../../platform/db/database.ts';
import { isUniqueViolation } from '../../platform/db/errors.ts';
import { Prisma } from '../../platform/db/generated/client.ts';
import type { Mount } from '../../platform/http/http.ts';
import type { Reach } from './connection.ts';
import {
  changeDirectory,
  configurationOf,
  createDirectory,
  type DirectoryRow,
  enabledDirectories,
  forgetMark,
  getDirectory,
  pageOfDirectories,
} from './directories.store.ts';
import { suspend } from './people.store.ts';
import { removeDirectory } from './remove.store.ts';
import { checkedConfiguration, passwordFor, sealed } from './save.ts';
import type { SignInDeps } from './sign-in.service.ts';
import { tryOut } from './try-out.ts';
import { viewOf } from './views.ts';

/** A configuration that does not work is not kept by mistake: it would lock people out. */
const requireWorking = async (reach: Reach, untested: boolean): Promise<void> => {
  if (untested) return;
  const { steps } = await tryOut({ reach });
  const failed = steps.find(({ state }) => state === 'failed');
  if (!failed) return;
  throw new DomainError('directory.refused', `It was not kept, since it does not work: ${failed.text}`, {
    hint: failed.hint || 'Test it, or say that it is to be kept untested.',
    details: [{ message: failed.text, pointer: '/body/configuration', hint: failed.hint }],
  });
};

const named =
  (name: string) =>
  (error: unknown): never => {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError('conflict.name', `There is a directory “${name}” already.`);
  };

/** For the audit: how it is reached and whom it finds, and that its password changed. Never the password. */
const detailOf = (configuration: DirectoryConfiguration, more: Record<string, boolean>) => ({
  kind: configuration.kind,
  urls: configuration.urls,
  security: configuration.security,
  verifyCertificate: configuration.verifyCertificate,
  bindDn: configuration.bindDn,
  searches: configuration.users.map(({ base, filter }) => `${base} ${filter}`),
  ...more,
});

/** Directories: setting them up, going back, and removing them. */
export const mountDirectoryRoutes = (mount: Mount, { database, keys }: SignInDeps): void => {
  const db = database.prisma;
  const told = (tx: Tx, id: string) => database.announce(tx, 'directory', [id]);
  const object = (row: Pick<DirectoryRow, 'id' | 'name'>) => ({
    ...{ kind: 'directory', id: row.id, name: row.name },
  });

  mount(directoryRoutes.choices, async () => ({
    banner: (await readSettings(db)).signInBanner,
    directories: (await enabledDirectories(db)).map(({ id, name }) => ({ id, name })),
  }));

  mount(directoryRoutes.list, async ({ query }) => {
    const page = await pageOfDirectories(database, query);
    return { ...page, items: await Promise.all(page.items.map((row) => viewOf(database, row))) };
  });

  mount(directoryRoutes.get, async ({ params, ctx }) => {
    ctx.authorize('directory.read');
    return viewOf(database, await getDirectory(db, params.id));
  });

  mount(directoryRoutes.create, async ({ body, ctx }) => {
    const configuration = checkedConfiguration(body.configuration);
    const password = passwordFor({ ...body, configuration }, undefined, keys);
    await requireWorking({ configuration, password }, body.untested);
    const id = uuid();
    await database
      .transaction(async (tx) => {
        const { name, position, enabled } = body;
        const sealedPassword = sealed(keys, id, { password });
        await createDirectory(tx, { id, name, position, enabled, configuration, sealedPassword });
        await recordAudit(tx, ctx, {
          action: 'directory.create',
          object: object({ id, name }),
          detail: detailOf(configuration, { untested: body.untested }),
        });
        await told(tx, id);
      })
      .catch(named(body.name));
    return viewOf(database, await getDirectory(db, id));
  });

  /** Switched off it lets nobody in, and who is in goes; the next full sync after it is on again lets them. */
  const switchPeople = async (tx: Tx, row: DirectoryRow, enabled: boolean): Promise<void> => {
    await forgetMark(tx, row.id);
    if (enabled || !row.enabled) return;
    const ids = await suspend(tx, { directoryId: row.id }, 'off', new Date());
    for (const kind of ['session', 'user', 'grant'] as const) await database.announce(tx, kind, ids);
  };

  mount(directoryRoutes.edit, async ({ params, body, ctx, version }) => {
    ctx.authorize('directory.edit');
    const row = await getDirectory(db, params.id);
    const configuration = checkedConfiguration(body.configuration);
    const password = passwordFor({ ...body, configuration }, row, keys);
    if (body.enabled) await requireWorking({ configuration, password }, body.untested);
    const before = configurationOf(row);
    const isNew = body.password !== undefined || JSON.stringify(before) !== JSON.stringify(configuration);
    await database
      .transaction(async (tx) => {
        const { name, position, enabled } = body;
        const changed = await changeDirectory(
          tx,
          { id: row.id, version },
          {
            ...{ name, position, enabled, configuration },
            sealedPassword: sealed(keys, row.id, { password }),
            ...(isNew ? { previous: before, previousSealedPassword: row.sealedPassword } : {}),
          },
        );
        if (!changed)
          throw new DomainError('conflict.version', `Someone else changed ${row.name} meanwhile.`, {
            hint: 'Load it again and repeat your change.',
          });
        await switchPeople(tx, row, enabled);
        await recordAudit(tx, ctx, {
          action: 'directory.edit',
          object: object({ id: row.id, name }),
          detail: {
            before: detailOf(before, { enabled: row.enabled }),
            after: detailOf(configuration, {
              enabled,
              untested: body.untested,
              newPassword: password !== '' && isNew,
            }),
          },
        });
        await told(tx, row.id);
      })
      .catch(named(body.name));
    return viewOf(database, await getDirectory(db, row.id));
  });

  mount(directoryRoutes.switchBack, async ({ params, ctx }) => {
    ctx.authorize('directory.edit');
    const row = await getDirectory(db, params.id);
    if (row.previous === null)
      throw new DomainError('conflict.state', `There is no configuration of ${row.name} before this one.`);
    const previous = configurationOf({ configuration: row.previous });
    await database.transaction(async (tx) => {
      const changed = await changeDirectory(tx, row, {
        ...{ configuration: previous, sealedPassword: row.previousSealedPassword },
        previous: row.configuration ?? Prisma.DbNull,
        previousSealedPassword: row.sealedPassword,
      });
      if (!changed) throw new DomainError('conflict.state', `Someone else changed ${row.name} meanwhile.`);
      await forgetMark(tx, row.id);
      await recordAudit(tx, ctx, {
        action: 'directory.switch-back',
        object: object(row),
        detail: { before: detailOf(configurationOf(row), {}), after: detailOf(previous, {}) },
      });
      await told(tx, row.id);
    });
    return viewOf(database, await getDirectory(db, row.id));
  });

  mount(directoryRoutes.remove, async ({ params, ctx }) => {
    ctx.authorize('directory.edit');
    const row = await getDirectory(db, params.id);
    await database.transaction(async (tx) => {
      const disabled = await removeDirectory(database, tx, row.id, new Date());
      await recordAudit(tx, ctx, { action: 'directory.remove', object: object(row), detail: { disabled } });
      await told(tx, row.id);
    });
    return null;
  });
};
