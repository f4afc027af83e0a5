import { Permission, ProjectPath } from '@portreeve/domain';
import { z } from 'zod';
import { defineRoute, IdParams, Moment, OwnListQuery, pageOf } from './route.ts';
import { SecondFactorCode } from './second-factor.ts';

export const Me = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  administrator: z.boolean(),
  mustChangePassword: z.boolean(),
  /** Whether codes of an authenticator are asked for; `required` opens nothing else before they are set up. */
  secondFactor: z.enum(['not here', 'off', 'on', 'required']),
  /** What the person may do at the cluster's root; finer answers come with each object. */
  permissions: z.array(Permission),
  preferences: z.record(z.string(), z.unknown()),
  cluster: z.object({ id: z.string(), name: z.string(), color: z.string(), version: z.string() }),
});
export type Me = z.infer<typeof Me>;

export const SignIn = z.strictObject({
  name: z.string().max(256),
  password: z.string().max(1024),
  /** Asked for by `auth.code-needed`. */
  code: SecondFactorCode.optional(),
  /** The directory that knows the person, `local` for an account of the console itself; without it, whoever knows the name. */
  directory: z.union([z.literal('local'), z.uuid()]).optional(),
});
/** `pageSecret` stays with the page and goes back as `x-portreeve-page`; the cookie alone opens nothing. */
export const SignedIn = z.object({ me: Me, pageSecret: z.string() });

export const SessionView = z.object({
  id: z.string(),
  current: z.boolean(),
  createdAt: Moment,
  seenAt: Moment,
  expiresAt: Moment,
  address: z.string(),
  userAgent: z.string(),
});
export const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  permissions: z.array(Permission),
  projectPath: z.string(),
  createdAt: Moment,
  expiresAt: Moment.nullable(),
  lastUsedAt: Moment.nullable(),
});

export const sessionRoutes = {
  signIn: defineRoute({
    id: 'session.sign-in',
    method: 'POST',
    path: '/session',
    summary: 'Sign in',
    permission: 'public',
    body: SignIn,
    response: SignedIn,
    errors: ['auth.failed', 'auth.code-needed', 'auth.throttled', 'directory.unavailable'],
  }),
  signOut: defineRoute({
    id: 'session.sign-out',
    method: 'DELETE',
    path: '/session',
    summary: 'Sign out: ends the session, or revokes the token that asks',
    permission: 'signed-in',
  }),
  me: defineRoute({
    id: 'session.me',
    method: 'GET',
    path: '/me',
    summary: 'Who am I and what may I do',
    permission: 'signed-in',
    response: Me,
    live: ['session', 'settings'],
  }),
  preferences: defineRoute({
    id: 'session.preferences',
    method: 'PUT',
    path: '/me/preferences',
    summary: 'Keep my preferences',
    permission: 'signed-in',
    body: z.record(z.string().max(60), z.unknown()),
    response: Me,
  }),
  password: defineRoute({
    id: 'session.password',
    method: 'PUT',
    path: '/me/password',
    summary: 'Change my password',
    permission: 'signed-in',
    body: z.strictObject({ current: z.string().max(1024), next: z.string().min(12).max(1024) }),
    response: Me,
    errors: ['auth.failed', 'auth.throttled'],
  }),
  sessions: defineRoute({
    id: 'session.list',
    method: 'GET',
    path: '/me/sessions',
    summary: 'My sessions',
    permission: 'signed-in',
    query: OwnListQuery,
    response: pageOf(SessionView),
    live: ['session'],
  }),
  endSession: defineRoute({
    id: 'session.end',
    method: 'DELETE',
    path: '/me/sessions/:id',
    summary: 'End one of my sessions',
    permission: 'signed-in',
    params: IdParams,
  }),
  endOthers: defineRoute({
    id: 'session.end-others',
    method: 'DELETE',
    path: '/me/sessions',
    summary: 'End all my other sessions',
    permission: 'signed-in',
  }),
  tokens: defineRoute({
    id: 'token.list',
    method: 'GET',
    path: '/me/tokens',
    summary: 'My tokens',
    permission: 'token.own',
    query: OwnListQuery,
    response: pageOf(TokenView),
    live: ['token'],
  }),
  createToken: defineRoute({
    id: 'token.create',
    method: 'POST',
    path: '/me/tokens',
    summary: 'Make a token; it is shown once',
    permission: 'token.own',
    body: z.strictObject({
      name: z.string().min(1).max(80),
      permissions: z.array(Permission).default([]),
      projectPath: ProjectPath.default('/'),
      expiresInDays: z.number().int().min(1).max(366).default(90),
    }),
    response: z.object({ token: z.string(), view: TokenView }),
  }),
  revokeToken: defineRoute({
    id: 'token.revoke',
    method: 'DELETE',
    path: '/me/tokens/:id',
    summary: 'Revoke a token',
    permission: 'token.own',
    params: IdParams,
  }),
  deviceStart: defineRoute({
    id: 'device.start',
    method: 'POST',
    path: '/device',
    summary: 'Begin the sign-in of a command line',
    permission: 'public',
    body: z.strictObject({ description: z.string().max(120) }),
    response: z.object({
      deviceCode: z.string(),
      userCode: z.string(),
      verificationPath: z.string(),
      expiresInSeconds: z.number(),
      intervalSeconds: z.number(),
    }),
    errors: ['auth.throttled'],
  }),
  devicePoll: defineRoute({
    id: 'device.poll',
    method: 'POST',
    path: '/device/token',
    summary: 'Ask whether a person has confirmed the code',
    permission: 'public',
    body: z.strictObject({ deviceCode: z.string().max(200) }),
    response: z.discriminatedUnion('state', [
      z.object({ state: z.literal('waiting') }),
      z.object({ state: z.literal('confirmed'), token: z.string() }),
      z.object({ state: z.literal('refused') }),
    ]),
    errors: ['not-found'],
  }),
  deviceShow: defineRoute({
    id: 'device.show',
    method: 'GET',
    path: '/device/:code',
    summary: 'What would this code sign in',
    permission: 'signed-in',
    params: z.strictObject({ code: z.string().max(20) }),
    response: z.object({ description: z.string(), address: z.string(), expiresAt: Moment }),
    errors: ['auth.throttled'],
  }),
  deviceDecide: defineRoute({
    id: 'device.decide',
    method: 'POST',
    path: '/device/:code',
    summary: 'Confirm or refuse a code',
    permission: 'token.own',
    params: z.strictObject({ code: z.string().max(20) }),
    body: z.strictObject({ confirm: z.boolean() }),
    errors: ['auth.throttled'],
  }),
};
