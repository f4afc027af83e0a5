import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Page } from '@playwright/test';
import { paths } from '../../apps/web/src/lib/paths.ts';
import { walk } from './looks.ts';
import { type Ids, objectScreens, PLACES, type Screen } from './screens.ts';
import { arrived, fill, idsOf, test } from './world.ts';

const NOWHERE = '01900000-0000-7000-8000-000000000000';
const NONE: Ids = {
  ...{ stack: NOWHERE, service: NOWHERE, rollout: NOWHERE, task: NOWHERE, node: NOWHERE },
  ...{ project: NOWHERE, person: NOWHERE, team: NOWHERE, role: NOWHERE, serviceAccount: NOWHERE },
  ...{ directory: NOWHERE, recording: NOWHERE },
};
const APP = fileURLToPath(new URL('../../apps/web/src/app', import.meta.url));

/** Enough to see how an error stands in a list, a figure, a form and an object. */
const some = (ids: Ids): Screen[] =>
  [...PLACES, ...objectScreens(ids)].filter(({ name }) =>
    [
      ...['overview', 'stacks', 'deploy-new', 'nodes', 'settings', 'service', 'service-logs', 'node'],
      ...['people', 'person', 'roles', 'grants', 'audit'],
    ].includes(name),
  );

/** Lets the frame know who is there, and answers all else of the API so; the live socket never opens. */
const answerAll = async (page: Page, answer: 'nothing' | 'forbidden'): Promise<void> => {
  await page.routeWebSocket(/socket\.io/, (socket) => socket.close());
  await page.route(/\/api\/v1\/(?!(session|me)(\?|$))/, (route) =>
    answer === 'nothing'
      ? route.abort('connectionrefused')
      : route.fulfill({
          status: 403,
          contentType: 'application/problem+json',
          json: {
            type: 'about:blank',
            title: 'Forbidden',
            status: 403,
            code: 'permission.missing',
            detail: 'You lack stack.read in /shop (see stacks and services).',
            hint: 'Ask an administrator for a role that has it.',
          },
        }),
  );
};

test('every route of the console is looked at', () => {
  const pages = readdirSync(APP, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('page.tsx'))
    .map((path) =>
      `/${path}`
        .replace('/(console)', '')
        .replace('/[[...tab]]', '')
        .replace(/\/page\.tsx$/, ''),
    );
  const patternOf = (path: string) => path.replace(/\?.*/, '').replace(NOWHERE, '[id]').replace(/^\/$/, '');
  const looked = [...PLACES, ...objectScreens(NONE)].map(({ path }) => patternOf(path));
  expect(pages.filter((path) => ![...looked, paths.signIn()].includes(path))).toEqual([]);
});

test('the sign-in page, and every page while there is nothing to show', async ({ world }) => {
  await walk(world.page, world.product.url, 'empty', [{ name: 'sign-in', path: paths.signIn() }]);
  await arrived(world);
  await walk(world.page, world.product.url, 'empty', PLACES);
});

test('every page while there is much to show', async ({ world }) => {
  test.setTimeout(600_000);
  await arrived(world);
  await fill(world);
  await walk(world.page, world.product.url, 'full', [...PLACES, ...objectScreens(await idsOf(world))]);
});

test('pages of things that are not there', async ({ world }) => {
  await arrived(world);
  const objects = objectScreens(NONE).filter(({ name }) => !name.includes('-'));
  await walk(world.page, world.product.url, 'not-found', objects);
});

for (const answer of ['nothing', 'forbidden'] as const)
  test(`pages when the server answers ${answer}`, async ({ world }) => {
    await arrived(world);
    await fill(world);
    const page = await world.page.context().newPage();
    await answerAll(page, answer);
    await walk(page, world.product.url, answer, some(await idsOf(world)));
    await page.close();
  });
