import { afterAll, beforeAll, expect } from 'vitest';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { createFakeAgents, type FakeAgents } from '../rollouts/test-agents.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

/**
 * A server with an administrator, two obedient hosts and a registry with `shop/web:1` to `:3`, which it was told over
 * HTTP, for the tests of one file. What is made before all tests is read through getters.
 */
export const useServedWorld = () => {
  let test: TestServer;
  let admin: Client;
  let registry: FakeRegistry;
  let agents: FakeAgents;

  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
    registry = await startFakeRegistry();
    const { database } = test.server.platform;
    const made = await admin.call('POST', '/registries?project=/', {
      host: registry.host,
      plainHttp: true,
      allowPrivateAddress: true,
      username: 'robot',
      password: 'canary',
    });
    expect(made.status, made.text).toBe(200);
    expect(made.text).not.toContain('canary');
    agents = createFakeAgents(database);
    for (const name of ['a', 'b']) await agents.addNode(name);
    for (const tag of ['1', '2', '3']) registry.push('shop/web', tag);
  });
  afterAll(async () => {
    await test?.close();
    await registry?.close();
  });

  const get = async <T>(path: string): Promise<T> => {
    const answer = await admin.call('GET', path);
    expect(answer.status, `${path}: ${answer.text}`).toBe(200);
    return answer.json as T;
  };
  /** The hosts do what they are told until that is so. */
  const settled = (path: string, expected: object) =>
    expect
      .poll(
        async () => {
          await agents.obey();
          return get(path);
        },
        { timeout: 60_000, interval: 50 },
      )
      .toMatchObject(expected);
  const deploy = async (name: string, compose: string, project = '/'): Promise<string> => {
    const application = { files: { 'compose.yaml': compose } };
    const answer = await admin.call('PUT', `/stacks/${name}?project=${project}`, { application });
    expect(answer.status, answer.text).toBe(200);
    const { services } = answer.json as { services: { id: string }[] };
    return services[0]?.id ?? '';
  };
  const web = (more = '') => `
services:
  web:
    image: ${registry.host}/shop/web:1
    deploy: { update_config: { monitor: 0s } }
${more}`;

  return {
    ...{ get, settled, deploy, web },
    get test() {
      return test;
    },
    get admin() {
      return admin;
    },
    get registry() {
      return registry;
    },
    get agents() {
      return agents;
    },
  };
};
