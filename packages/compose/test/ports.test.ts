import { describe, expect, test } from 'vitest';
import { saidOf, specOf, withService } from './reading.ts';

const portsOf = (ports: string) => specOf(withService(`ports: ${ports}`)).ports;

describe('ports', () => {
  test.each([
    ['[80]', [{ target: 80, protocol: 'tcp' }]],
    ['["8080:80"]', [{ target: 80, published: 8080, protocol: 'tcp' }]],
    ['["53:53/udp"]', [{ target: 53, published: 53, protocol: 'udp' }]],
    ['["127.0.0.1:8080:80"]', [{ target: 80, published: 8080, protocol: 'tcp', hostAddress: '127.0.0.1' }]],
    ['["[::1]:8080:80"]', [{ target: 80, published: 8080, protocol: 'tcp', hostAddress: '::1' }]],
    ['["127.0.0.1::80"]', [{ target: 80, protocol: 'tcp', hostAddress: '127.0.0.1' }]],
    [
      '["9000-9001:80-81"]',
      [
        { target: 80, published: 9000, protocol: 'tcp' },
        { target: 81, published: 9001, protocol: 'tcp' },
      ],
    ],
    ['["8080-8089:80"]', [{ target: 80, published: 8080, publishedTo: 8089, protocol: 'tcp' }]],
    [
      '[{ target: 80, published: "8080-8089", host_ip: 10.0.0.1, protocol: udp, mode: host }]',
      [{ target: 80, published: 8080, publishedTo: 8089, protocol: 'udp', hostAddress: '10.0.0.1' }],
    ],
    ['[{ target: 80, published: 8080 }]', [{ target: 80, published: 8080, protocol: 'tcp' }]],
  ])('%s', (written, ports) => {
    expect(portsOf(written)).toEqual(ports);
  });

  test.each([
    '[http]',
    '["0:80"]',
    '["80:65536"]',
    '["8081-8080:80"]',
    '["a:80:80"]',
    '["1:2:3:4"]',
    '["80/sctp"]',
    '["8080-8082:80-81"]',
    '[":"]',
    '[""]',
    '[{ target: 80, published: x }]',
    '[{ published: 80 }]',
    '[{ target: 80, host_ip: localhost }]',
  ])('%s is an error', (ports) => {
    expect(saidOf(withService(`ports: ${ports}`)).length).toBeGreaterThan(0);
  });

  test('a port of the ingress mesh is refused, as there is none', () => {
    expect(saidOf(withService('ports: [{ target: 80, published: 80, mode: ingress }]'))).toEqual([
      'services.web.ports[0].mode: There is no routing mesh; write mode: host, which publishes the port on the host of each task.',
    ]);
  });

  test.each([
    '["80:80", "80:81"]',
    '["80:80", "127.0.0.1:80:81"]',
    '["80-90:80", "85:81"]',
    '["80:80", "70-90:81", "200:82"]',
    '["53:53/tcp", "53:53/udp", "53:54/tcp"]',
    '["127.0.0.1:80:1", "10.0.0.1:80:2", "127.0.0.1:80:3"]',
  ])('a port of the host that is published twice, as in %s, is an error', (ports) => {
    expect(saidOf(withService(`ports: ${ports}`))).toEqual([
      expect.stringContaining('is published twice, also at'),
    ]);
  });

  test.each([
    '["80:80", "80:80/udp"]',
    '["127.0.0.1:80:80", "127.0.0.2:80:81"]',
    '["80-90:80", "80-90:81"]',
    '[80, 81]',
  ])('%s do not clash', (ports) => {
    expect(saidOf(withService(`ports: ${ports}`))).toEqual([]);
  });

  test('a port without a port of the host is not published, and that is said', () => {
    expect(saidOf(withService('ports: [80]'), {}, 'warning')).toEqual([
      'services.web.ports[0]: Port 80 names no port of the host and is not published; write it like 8080:80.',
    ]);
  });

  test('more than a thousand ports are refused', () => {
    const of = (ports: string) => saidOf(withService(`ports: [${ports}]`)).join();
    expect(of('"1-60000:1-60000"')).toContain('has more than 1000 ports; publish fewer');
    expect(of('"1001-1600:1-600", "2001-2600:1-600"')).toContain('has more than 1000 ports; publish fewer');
  });

  test('a fixed port of several replicas is warned of, a range is not', () => {
    const of = (ports: string) =>
      saidOf(withService(`ports: [${ports}]\ndeploy: { replicas: 3 }`), {}, 'warning');
    expect(of('"80:80"')).toEqual([expect.stringContaining('publish a range such as 80-82:80')]);
    expect(of('"80-82:80"')).toEqual([]);
  });
});
