import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./test-rebinding.ts', import.meta.url));

type Result = { what: string; result: string; inner: string[]; outer: string[]; asked: string[] };

/** The program with a network of its own: its name server, its inner addresses, and one that counts as public. */
const runApart = async (): Promise<Result[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-names-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const resolv = file('resolv.conf', 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  const hosts = file('hosts', '127.0.0.1 localhost\n::1 localhost\n');
  const nsswitch = file('nsswitch.conf', 'hosts: files dns\n');
  const steps = [
    'ip link set lo up',
    'ip addr add 93.184.216.34/32 dev lo',
    'ip addr add 169.254.169.254/32 dev lo',
    'ip -6 addr add 2606:2800:220:1::1/128 dev lo nodad',
    'ip -6 route add default dev lo',
    'ip route add default dev lo',
    `mount --bind ${resolv} /etc/resolv.conf`,
    `mount --bind ${hosts} /etc/hosts`,
    `mount --bind ${nsswitch} /etc/nsswitch.conf`,
    `exec "$0" "$1"`,
  ];
  try {
    const { stdout } = await promisify(execFile)(
      'unshare',
      ['--mount', '--net', 'sh', '-c', steps.join(' && '), process.execPath, PROGRAM],
      { timeout: 120_000, maxBuffer: 16 * 1024 * 1024 },
    );
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

describe('what the server calls', () => {
  let results: Result[];
  beforeAll(async () => {
    results = await runApart();
  });
  const found = (what: string): Result => results.find((one) => one.what === what) as Result;
  const those = (what: RegExp): Result[] => results.filter((one) => what.test(one.what));
  const REFUSED = /not an address of the public internet/;

  it('S-34 a name is looked up once for a connection, and the address that was judged is the one called', () => {
    expect(found('a registry with a public address')).toMatchObject({
      ...{ inner: [], outer: ['connection', expect.any(String)], asked: ['good.test'] },
    });
    for (const one of ['a name', 'a webhook'].map((what) =>
      found(`the first answer for ${what} that changes`),
    ))
      expect(one).toMatchObject({ inner: [], outer: ['connection', expect.any(String)] });
  });

  it('S-34 a name that leads inside the second time is refused then, and nobody is called', () => {
    for (const one of ['a name', 'a webhook'].map((what) =>
      found(`the second answer for ${what} that changes`),
    ))
      expect(one).toMatchObject({ result: expect.stringMatching(REFUSED), inner: [], outer: [] });
  });

  it('S-34 no name and no spelling of an inner address is called, by registry or webhook', () => {
    const all = those(/^(registry|webhook) \S+$/);
    expect(all.length).toBeGreaterThan(50);
    for (const one of all)
      expect(one).toMatchObject({ result: expect.stringMatching(REFUSED), inner: [], outer: [] });
  });

  it('S-34 a redirect is not followed, wherever it leads', () => {
    const all = those(/ redirected by /);
    expect(all).toHaveLength(30);
    for (const one of all) {
      expect(one).toMatchObject({ inner: [], outer: ['connection', expect.any(String)] });
      expect(one.result).toMatch(/answered 30\d/);
    }
  });

  it('S-34 a challenge leads to no inner address, and credentials go to no other host', () => {
    const all = those(/^realm /);
    expect(all).toHaveLength(7);
    for (const one of all) {
      expect(one.result).toMatch(/not its own host|not an address of the public internet/);
      expect(one).toMatchObject({ inner: [], outer: ['connection', 'nobody /v2/shop/web/manifests/1'] });
    }
  });
});
