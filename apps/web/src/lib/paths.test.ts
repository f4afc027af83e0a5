import { expect, test } from 'vitest';
import { paths } from './paths.ts';

const id = '0190-id';

test('every URL of the console is listed here, so that a moved page is seen in review', () => {
  expect([
    paths.signIn('/stacks'),
    paths.overview({ project: '/shop' }),
    paths.stacks({ project: '/shop', state: 'down' }),
    paths.services({ image: 'web' }),
    paths.stack(id, 'file'),
    paths.deploy({ stack: id }),
    paths.service(id, 'logs', { line: '1' }),
    paths.rollout(id),
    paths.task(id),
    paths.projects(),
    paths.nodes(),
    paths.addNode(),
    paths.node(id, 'tasks'),
    paths.configs(),
    paths.secrets(),
    paths.networks(),
    paths.volumes(),
    paths.registries(),
    paths.activity({ serviceId: id }),
    paths.alerts(),
    paths.audit(),
    paths.settings('servers'),
    paths.account('tokens'),
    paths.device('ABCD-EFGH'),
    paths.apiDocs(),
  ]).toMatchInlineSnapshot(`
    [
      "/sign-in?next=%2Fstacks",
      "/?project=%2Fshop",
      "/stacks?project=%2Fshop&state=down",
      "/services?image=web",
      "/stacks/0190-id/file",
      "/deploy?stack=0190-id",
      "/services/0190-id/logs?line=1",
      "/rollouts/0190-id",
      "/tasks/0190-id",
      "/projects",
      "/nodes",
      "/nodes/add",
      "/nodes/0190-id/tasks",
      "/configs",
      "/secrets",
      "/networks",
      "/volumes",
      "/registries",
      "/activity?serviceId=0190-id",
      "/alerts",
      "/audit",
      "/settings/servers",
      "/account/tokens",
      "/device?code=ABCD-EFGH",
      "/api/docs",
    ]
  `);
});

test('what is empty leaves no trace in a URL', () => {
  expect(paths.stacks({ project: undefined, search: '' })).toBe('/stacks');
});
