import { z } from 'zod';
import { defineRoute } from './route.ts';

/** Six digits of an authenticator, or one of the recovery codes. */
export const SecondFactorCode = z.string().trim().min(6).max(40);

export const secondFactorRoutes = {
  begin: defineRoute({
    id: 'second-factor.begin',
    method: 'POST',
    path: '/me/second-factor',
    summary: 'Begin with codes of an authenticator; the secret is shown once and counts once it is confirmed',
    permission: 'signed-in',
    body: z.strictObject({ password: z.string().max(1024) }),
    response: z.object({ secret: z.string(), address: z.string() }),
    errors: ['auth.failed', 'auth.throttled', 'conflict.state'],
  }),
  confirm: defineRoute({
    id: 'second-factor.confirm',
    method: 'PUT',
    path: '/me/second-factor',
    summary: 'Confirm it by a code of the authenticator; the recovery codes are shown once',
    permission: 'signed-in',
    body: z.strictObject({ code: SecondFactorCode }),
    response: z.object({ recoveryCodes: z.array(z.string()) }),
    errors: ['auth.failed', 'auth.throttled', 'conflict.state'],
  }),
  end: defineRoute({
    id: 'second-factor.end',
    method: 'DELETE',
    path: '/me/second-factor',
    summary: 'Sign in without codes again',
    permission: 'signed-in',
    body: z.strictObject({ password: z.string().max(1024), code: SecondFactorCode }),
    errors: ['auth.failed', 'auth.throttled', 'conflict.state'],
  }),
};
