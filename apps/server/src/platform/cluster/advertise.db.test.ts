import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { startTestServer } from '../../test-server.ts';

const certificateOf = (port: number): Promise<X509Certificate> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate(true).raw));
      socket.destroy();
    });
    socket.once('error', reject);
  });

it('a port that is advertised is the one in the command that hosts join by, and in no name', async () => {
  const test = await startTestServer((options) => ({
    ...options,
    agents: { ...options.agents, addresses: ['console.example:443', '[2001:db8::7]:8443'] },
  }));
  try {
    expect(test.server.agentUrl).toBe('https://console.example:443');
    const admin = await test.administrator();
    const { command } = (await admin.call('POST', '/join-tokens', {})).json as { command: string };
    expect(command).toContain("join --server 'https://console.example:443'");
    const { agentApp, allowedNames } = test.server.platform;
    expect([...allowedNames]).toEqual(expect.arrayContaining(['console.example', '[2001:db8::7]']));
    const { port } = agentApp.server.address() as { port: number };
    const { subjectAltName } = await certificateOf(port);
    expect(subjectAltName).toMatch(/DNS:console\.example(,|$)/);
    expect(subjectAltName).toMatch(/IP Address:2001:DB8/i);
  } finally {
    await test.close();
  }
});
