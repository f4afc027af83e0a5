import { describe, expect, test } from 'vitest';
import { applicationOf, saidOf, specOf, withService } from './reading.ts';

describe('networks', () => {
  test('a service that names none is on default, which needs no declaration', () => {
    const { networks, services } = applicationOf(withService(''));
    expect(services[0]?.spec.networks).toEqual([{ name: 'default', aliases: [] }]);
    expect(networks).toEqual([{ name: 'default', internal: false }]);
  });

  test.each(['networks: []', 'networks: {}'])(
    'a service with %s is on default too, never on a bridge of the engine',
    (keys) => {
      expect(specOf(withService(keys)).networks).toEqual([{ name: 'default', aliases: [] }]);
    },
  );

  test('default is not made where nobody is on it', () => {
    const { networks } = applicationOf(withService('networks: [a]', 'networks: { a: }'));
    expect(networks.map(({ name }) => name)).toEqual(['a']);
  });

  test('networks are named in a list, or with aliases', () => {
    const text = withService('networks: { a: { aliases: [x, y] }, b: }', 'networks: { a: , b: }');
    expect(specOf(text).networks).toEqual([
      { name: 'a', aliases: ['x', 'y'] },
      { name: 'b', aliases: [] },
    ]);
  });

  test('ports of a service that has no network with a way out are refused, as no engine publishes them', () => {
    const top = 'networks: { in: { internal: true }, out: }';
    const message =
      'No port is published from internal networks; join one that is not internal, or remove ports.';
    const ports = 'ports: ["80:80"]';
    expect(saidOf(withService(`networks: [in]\n${ports}`, top))).toEqual([
      `services.web.ports[0]: ${message}`,
    ]);
    expect(saidOf(withService(ports, 'networks: { default: { internal: true } }'))).toHaveLength(1);
    expect(saidOf(withService(`networks: [in, out]\n${ports}`, top))).toEqual([]);
    expect(saidOf(withService('networks: [in]\nports: []', top))).toEqual([]);
  });

  test('host and none take the place of networks', () => {
    expect(specOf(withService('network_mode: host'))).toMatchObject({ networkMode: 'host', networks: [] });
    expect(applicationOf(withService('network_mode: none')).networks).toEqual([]);
  });

  test("bridge is the engine's own, on which ports are published", () => {
    const spec = specOf(withService('network_mode: bridge\nports: ["8080:80"]'));
    expect(spec).toMatchObject({ networkMode: 'bridge', networks: [], ports: [{ target: 80 }] });
  });

  test.each([
    ['networks: [nope]', 'There is no network nope; add it under the top-level key networks.'],
    ['networks: [a, a]', 'The network a stands here twice; keep one of them.'],
    [
      'networks: { a: { aliases: ["x y"] } }',
      '“x y” is no host name; use letters, digits, dots and hyphens.',
    ],
    [
      'networks: { a: { ipv4_address: 10.0.0.1 } }',
      'ipv4_address is not supported: remove it; addresses come from the placement plan',
    ],
    [
      'network_mode: host\nnetworks: [a]',
      'networks and network_mode: host exclude each other; remove one of them.',
    ],
    ['network_mode: host\nports: ["80:80"]', 'Ports are not published with network_mode: host'],
    [
      'network_mode: service:db',
      'Tasks do not share a network stack with another; put both services on one network.',
    ],
    ['network_mode: "container:abc"', 'Tasks do not share a network stack with another'],
    ['network_mode: mine', '“mine” is not possible here; write host, none, bridge.'],
  ])('%s is an error', (keys, message) => {
    expect(saidOf(withService(keys, 'networks: { a: }')).join('\n')).toContain(message);
  });

  test('a declared network has its settings', () => {
    const top = `networks:
  a:
    internal: true
    driver: overlay
    ipam: { driver: default, config: [{ subnet: 10.1.0.0/20 }] }
  b: { external: true, name: shared }
  c: { external: true }`;
    expect(applicationOf(withService('networks: [a, b, c]', top)).networks).toEqual([
      { name: 'a', internal: true, subnet: '10.1.0.0/20' },
      { name: 'b', internal: false, external: { name: 'shared' } },
      { name: 'c', internal: false, external: { name: 'c' } },
    ]);
  });

  test.each([
    ['{ driver: macvlan }', 'Networks of stacks are bridges that reach across hosts; remove driver.'],
    [
      '{ driver_opts: { com.docker.network.bridge.name: docker0 } }',
      'driver_opts is not supported: remove it; the bridge of a network and its packet size follow from the tunnel.',
    ],
    [
      '{ ipam: { config: [{ subnet: 10.1.0.0/40 }] } }',
      '“10.1.0.0/40” is no IPv4 subnet; write it like 10.200.0.0/20.',
    ],
    [
      '{ ipam: { config: [{ subnet: 10.1.0.0/20, gateway: 10.1.0.1 }] } }',
      'gateway is not supported: remove it; every host has a gateway of its own.',
    ],
    [
      '{ name: other }',
      'Objects of a stack are named by their key; remove name, or add external: true to use one of the project.',
    ],
    [
      '{ external: true, internal: true }',
      'internal does not go with external: true, as the object is there already',
    ],
    ['{ external: true, name: ../x }', '../x is no name of an object of the project'],
  ])('a network with %s is an error', (settings, message) => {
    expect(saidOf(withService('networks: [a]', `networks: { a: ${settings} }`)).join('\n')).toContain(
      message,
    );
  });
});
