import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodedPart, harmless, requireSmtpUrl, requireWebhookUrl, sendNotice } from './send.ts';

/** Just enough of a mail server to take one message. */
const lines: string[] = [];
const converse = (socket: Socket, messages: string[]): void => {
  let inData = false;
  let text = '';
  socket.write('220 test\r\n');
  socket.on('data', (chunk) => {
    text += chunk.toString();
    if (inData) {
      if (!text.includes('\r\n.\r\n')) return;
      messages.push(text);
      inData = false;
      text = '';
      socket.write('250 taken\r\n');
      return;
    }
    while (text.includes('\r\n')) {
      const line = text.slice(0, text.indexOf('\r\n'));
      text = text.slice(line.length + 2);
      lines.push(line);
      if (/^DATA/i.test(line)) {
        inData = true;
        socket.write('354 go on\r\n');
      } else if (/^STARTTLS/i.test(line)) socket.write('502 not here\r\n');
      else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
      else socket.write('250 ok\r\n');
    }
  });
  socket.on('error', () => {});
};

describe('alerts', () => {
  let server: Server;
  const messages: string[] = [];
  beforeAll(async () => {
    server = createServer((socket) => converse(socket, messages));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const notice = {
    cluster: 'main',
    event: 'opened' as const,
    alert: {
      ...{
        id: '1',
        kind: 'crash-loop',
        severity: 'warning',
        hint: 'Look.',
        since: '2026-01-01T00:00:00.000Z',
      },
      message: 'web ended 3 times, last: \u001b[31mred\u001b[0m\r\nBcc: all@example.org',
    },
  };

  it('go out by mail', async () => {
    const smtpUrl = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await sendNotice(
      { kind: 'email', to: 'ops@example.org', from: 'portreeve@example.org', smtpUrl },
      notice,
    );
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain('To: ops@example.org');
    expect(messages[0]).toContain('[main] warning');
  });

  it('S-45 carry no control characters of containers into mails', () => {
    expect(messages[0]).not.toContain('\u001b');
    expect(messages[0]).not.toMatch(/^Bcc:/m);
    expect(harmless('a\u001b[31mb\u202ec\r\n')).toBe('a\\u001b[31mb\\u202ec\\u000d\\u000a');
  });

  it.each([
    'smtp://127.0.0.1/?sendmail=true&path=/bin/sh&args=-c',
    'smtp://127.0.0.1:25?attachDataUrls=true',
    'smtp://127.0.0.1/mailbox',
    'smtp://127.0.0.1#part',
    'smtp:///',
    'https://127.0.0.1',
    'nonsense',
  ])('S-34 a mail server at %s is refused when it is kept and when it is used', async (smtpUrl) => {
    const target = { kind: 'email' as const, to: 'ops@example.org', from: 'portreeve@example.org', smtpUrl };
    expect(() => requireSmtpUrl(smtpUrl)).toThrow(/mail server is written/);
    await expect(sendNotice(target, notice)).rejects.toThrow(/mail server is written/);
  });

  it('tell no password to a mail server that offers no TLS', async () => {
    const { port } = server.address() as AddressInfo;
    const smtpUrl = `smtp://user:canary@127.0.0.1:${port}`;
    const before = messages.length;
    await expect(
      sendNotice({ kind: 'email', to: 'ops@example.org', from: 'portreeve@example.org', smtpUrl }, notice),
    ).rejects.toThrow();
    expect(messages).toHaveLength(before);
    expect(lines.join()).not.toMatch(/AUTH/i);
  });

  it('a password of a mail server is what was written: escaped, or with a bare per cent sign', () => {
    for (const [written, meant] of [
      ['50%off', '50%off'],
      ['%', '%'],
      ['a%zz%4', 'a%zz%4'],
      ['%ff', '%ff'],
      ['p%40ss%25', 'p@ss%'],
    ] as const)
      expect(decodedPart(new URL(`smtp://user:${written}@host`).password)).toBe(meant);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (password) => {
        const url = new URL(`smtp://user:${encodeURIComponent(password)}@host`);
        expect(decodedPart(url.password)).toBe(password);
      }),
    );
  });

  it.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'https://user:secret@example.org/', 'nonsense'])(
    'S-34 a webhook at %s is refused',
    (url) => expect(() => requireWebhookUrl(url)).toThrow(/http or https address/),
  );

  it.each([
    'http://169.254.169.254/',
    'http://127.0.0.1:5432/',
    'http://[::1]/',
    'http://0x7f000001/',
    'http://localhost:1/',
  ])('S-34 a webhook at %s is not called', (url) =>
    expect(sendNotice({ kind: 'webhook', url, allowPrivateAddress: false }, notice)).rejects.toThrow(
      /not an address of the public internet/,
    ),
  );

  it('say in a sentence whom they could not reach, and why', async () => {
    const nowhere = { kind: 'webhook', url: 'http://127.0.0.1:1/hook', allowPrivateAddress: true } as const;
    await expect(sendNotice(nowhere, notice)).rejects.toThrow(
      'The webhook 127.0.0.1:1 was not told: nothing listens there.',
    );
    const smtp = {
      kind: 'email',
      to: 'a@example.org',
      from: 'b@example.org',
      smtpUrl: 'smtp://127.0.0.1:1',
    } as const;
    await expect(sendNotice(smtp, notice)).rejects.toThrow(
      'The mail server 127.0.0.1:1 was not told: nothing listens there.',
    );
  });
});
