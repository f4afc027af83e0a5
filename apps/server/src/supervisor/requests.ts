import { z } from 'zod';
import { recordAudit } from '../audit/audit.store.ts';
import { createToken, revokeToken } from '../identity/tokens.store.ts';
import { firstAdministrator } from '../identity/users.store.ts';
import { systemContext } from '../platform/http/context.ts';
import type { Platform } from '../platform.ts';

/** What the supervisor asks of the server it started, over the channel between the two: one call of the API. */
export const SupervisorCall = z.object({
  kind: z.literal('call'),
  requestId: z.string(),
  method: z.enum(['GET', 'POST', 'PUT']),
  path: z.string(),
  body: z.unknown().optional(),
});
export type SupervisorCall = z.infer<typeof SupervisorCall>;
export type SupervisorAnswer = { kind: 'answer'; requestId: string; status: number; body: unknown };

const TOKEN_GOOD_MS = 5 * 60_000;

/** A token that never leaves this process and ends with the call. Whoever holds the channel runs this server anyway. */
const withToken = async <T>({ database }: Platform, work: (token: string) => Promise<T>): Promise<T> => {
  const user = await firstAdministrator(database);
  const { secret, row } = await database.transaction((tx) =>
    createToken(tx, {
      userId: user.id,
      name: 'npm run up',
      permissions: [],
      projectPath: '/',
      expiresAt: new Date(Date.now() + TOKEN_GOOD_MS),
    }),
  );
  try {
    return await work(secret);
  } finally {
    await database.transaction((tx) => revokeToken(tx, user.id, row.id, new Date()));
  }
};

const perform = (platform: Platform, call: SupervisorCall): Promise<SupervisorAnswer> =>
  withToken(platform, async (token) => {
    if (call.method !== 'GET')
      await platform.database.transaction((tx) =>
        recordAudit(tx, systemContext('supervisor'), {
          action: 'supervisor.call',
          detail: { path: call.path },
        }),
      );
    const answer = await platform.http.app.inject({
      method: call.method,
      url: `/api/v1${call.path}`,
      headers: { host: 'localhost', authorization: `Bearer ${token}` },
      ...(call.body === undefined || call.body === null ? {} : { payload: call.body as object }),
    });
    const body = answer.headers['content-type']?.toString().includes('json') ? answer.json() : null;
    return { kind: 'answer', requestId: call.requestId, status: answer.statusCode, body };
  });

/** Answers over the channel, when there is one. */
export const answerSupervisor = (platform: Platform): void => {
  process.on('message', (message) => {
    const call = SupervisorCall.safeParse(message);
    if (!call.success) return;
    const { requestId } = call.data;
    perform(platform, call.data).then(
      (answer) => process.send?.(answer),
      (error) => process.send?.({ kind: 'answer', requestId, status: 500, body: { detail: String(error) } }),
    );
  });
};
