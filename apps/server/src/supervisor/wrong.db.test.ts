import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../platform/db/test-database.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const MAIN = join(ROOT, 'apps/server/src/supervisor/main.ts');
const NOBODY = 65_534;
/** The one that starts npm, which is not the one of the dependencies. */
const CALLERS_NODE = '/usr/bin/node';
const LIBRARY = '/usr/lib/x86_64-linux-gnu/libatomic.so.1';
const isRoot = process.getuid?.() === 0;

let folder: string;
let closing: (() => Promise<unknown>)[];

type Run = { command: string[]; env?: Record<string, string>; asNobody?: boolean };
/** What a command says to the person who started it, and how it ends. */
const run = ({ command: [program = '', ...args], env = {}, asNobody = false }: Run) =>
  new Promise<{ code: number | null; said: string }>((resolve) => {
    const plain = { PATH: process.env.PATH, HOME: folder, PORTREEVE_WEB: 'none', ...env };
    const child = spawn(program, args, {
      cwd: ROOT,
      env: plain,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(asNobody && { uid: NOBODY, gid: NOBODY }),
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    // What was not built yet is built first.
    child.once('close', (code) => resolve({ code, said: said.replace(/^Building .*\n/gm, '').trim() }));
  });
const up = (more: string[] = [], rest: Omit<Run, 'command'> = {}) => {
  // Ports that nobody has: what is wrong here is something else.
  const ports = ['--port', '17400', '--agent-port', '17401'];
  return run({
    command: [process.execPath, MAIN, '--no-local-agent', '--data', folder, ...ports, ...more],
    ...rest,
  });
};
/** One line, with what is wrong and what to do, and no stack. */
const sentence = (text: string) => ({ code: 1, said: text });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portreeve-wrong-'));
  chmodSync(folder, 0o711);
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

describe('npm run up says in one sentence what is wrong and what to do', { timeout: 60_000 }, () => {
  it('when Node is too old', async () => {
    const pretend = "Object.defineProperty(process, 'versions', { value: { node: '18.19.1' } })";
    const old = `data:text/javascript,${encodeURIComponent(pretend)}`;
    const command = [process.execPath, '--import', old, join(ROOT, 'scripts/up.mjs')];
    expect(await run({ command })).toEqual(
      sentence('Node 18.19.1 is too old: Portreeve needs Node 20 or newer to start. See https://nodejs.org.'),
    );
  });

  it.runIf(isRoot && existsSync(CALLERS_NODE) && existsSync(LIBRARY))(
    'when a library that Node needs is missing, and there is no right to install it',
    async () => {
      const hidden = `mount --bind /dev/null ${LIBRARY} && exec setpriv --reuid=nobody --clear-groups "$@"`;
      const inside = ['unshare', '--mount', 'sh', '-c', hidden, 'sh'];
      expect(await run({ command: [...inside, CALLERS_NODE, join(ROOT, 'scripts/up.mjs')] })).toEqual(
        sentence(
          'Node needs libatomic.so.1, which is not here: run "sudo apt-get install libatomic1" and start again.',
        ),
      );
    },
  );

  it('when a flag is none, or is no port', async () => {
    expect(await up(['--nonsense'])).toEqual(
      sentence(`Unknown option '--nonsense'. See "npm run up -- --help".`),
    );
    expect(await up(['--port', 'seven'])).toEqual(
      sentence('--port must be a port between 1 and 65535, not "seven".'),
    );
  });

  it('when a port is taken, and by whom', async () => {
    const holder: Server = createServer().listen(0, '127.0.0.1');
    closing.push(() => new Promise((resolve) => holder.close(resolve)));
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const { code, said } = await up(['--agent-port', String(port)]);
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(
        `^Port ${port} is taken by .+ \\(process ${process.pid}\\)\\. Stop that, or choose another port with --agent-port\\.$`,
      ),
    );
  });

  it.runIf(isRoot)('when there is no right to the port', async () => {
    chownSync(folder, NOBODY, NOBODY);
    expect(await up(['--port', '81'], { asNobody: true })).toEqual(
      sentence('Port 81 may only be used by root. Choose one above 1023 with --port.'),
    );
  });

  it.runIf(isRoot)("when there is no right to the engine's socket", async () => {
    const path = join(folder, 'engine.sock');
    const engine = createServer().listen(path);
    closing.push(() => new Promise((resolve) => engine.close(resolve)));
    await new Promise((resolve) => engine.once('listening', resolve));
    chmodSync(path, 0o600);
    const data = join(folder, 'data');
    mkdirSync(data);
    chownSync(data, NOBODY, NOBODY);
    const env = { DOCKER_HOST: `unix://${path}` };
    expect(await up(['--local-agent', '--data', data], { env, asNobody: true })).toEqual(
      sentence(
        `You have no right to use the engine's socket ${path}. Add yourself to its group ("sudo usermod -aG docker $USER", then sign in anew), start as root, or use --no-local-agent.`,
      ),
    );
  });

  it('when DOCKER_HOST names an engine that does not answer, or that is on another host', async () => {
    const nobody = `unix://${folder}/none.sock`;
    expect(await up(['--local-agent'], { env: { DOCKER_HOST: nobody } })).toEqual(
      sentence(`No engine answers at DOCKER_HOST ${nobody}. Start it, or unset DOCKER_HOST.`),
    );
    expect(await up(['--local-agent'], { env: { DOCKER_HOST: 'tcp://10.0.0.1:2375' } })).toEqual(
      sentence(
        `DOCKER_HOST names "tcp://10.0.0.1:2375", which is no unix socket. The agent works on its own host's engine: unset DOCKER_HOST, or give it a unix:// address.`,
      ),
    );
  });

  it.runIf(isRoot)('when the disk is full', async () => {
    const mounted = `mount -t tmpfs -o size=16m none ${folder} && exec "$@"`;
    const inside = ['unshare', '--mount', 'sh', '-c', mounted, 'sh'];
    const command = [...inside, process.execPath, MAIN, '--no-local-agent', '--data', folder];
    const { code, said } = await run({ command });
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(
        `^The disk that holds ${folder} is full: only 1\\d(\\.\\d)? MiB are free\\. Make 300 MiB free, or choose another folder with --data\\.$`,
      ),
    );
  });

  it.runIf(isRoot)('when the data folder cannot be written', async () => {
    expect(await up([], { asNobody: true })).toEqual(
      sentence(
        `The data folder ${folder} cannot be written. Choose another with --data, or start as the user who owns it.`,
      ),
    );
  });

  it('when the certificate for the console is not there, before anything is built', async () => {
    const files = ['--tls-cert', '/none.pem', '--tls-key', '/none.key'];
    expect((await up(files)).said).toMatch(
      /^The certificate of the console cannot be read: ENOENT.+\. Name files in PEM with --tls-cert and --tls-key/,
    );
  });

  it('when DATABASE_URL is no address', async () => {
    expect(await up([], { env: { DATABASE_URL: 'the one next door' } })).toEqual(
      sentence(
        'The variable DATABASE_URL is not valid: write it like postgresql://user:password@host:5432/database.',
      ),
    );
  });

  it.each(['DATABASE_URL', 'DATABASE_OWNER_URL'])('when nobody answers at %s', async (variable) => {
    const DATABASE_URL = 'postgresql://portreeve:secret@127.0.0.1:1/portreeve';
    const { code, said } = await up([], { env: { DATABASE_URL, [variable]: DATABASE_URL } });
    expect({ code, said }).toEqual(
      sentence(
        'The database at 127.0.0.1:1 cannot be reached (ECONNREFUSED). Start it, or correct DATABASE_URL.',
      ),
    );
  });

  it('when the database lets us not in, or has another name', async () => {
    const test = await createTestDatabase();
    closing.push(test.drop);
    const wrong = new URL(test.url);
    wrong.password = 'wrong';
    expect((await up([], { env: { DATABASE_URL: wrong.href } })).said).toMatch(
      /^The database at .+ does not let \w+ in\. Correct the name and password in DATABASE_URL and DATABASE_OWNER_URL\.$/,
    );
    const other = new URL(test.url);
    other.pathname = '/nowhere';
    expect((await up([], { env: { DATABASE_URL: other.href } })).said).toMatch(
      /^There is no database nowhere at .+\. Make it, or correct DATABASE_URL\.$/,
    );
  });

  it('when a newer version has changed the database', async () => {
    const test = await createTestDatabase();
    closing.push(test.drop);
    const owner = new pg.Client({ connectionString: test.ownerUrl });
    await owner.connect();
    await owner.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ('x', 'x', '9999_of_the_future', now(), 1)`,
    );
    await owner.end();
    const env = { DATABASE_URL: test.url, DATABASE_OWNER_URL: test.ownerUrl };
    expect(await up([], { env })).toEqual(
      sentence(
        'The database was changed by a newer version of Portreeve (9999_of_the_future), which this version would damage. Start that newer version, or restore a backup made by this one.',
      ),
    );
  });
});

describe('npm run down says what is wrong', () => {
  it('when it is asked for what it does not know', async () => {
    const { code, said } = await run({
      command: [process.execPath, MAIN.replace('main.ts', 'down.ts'), '--hlp'],
    });
    expect(code).toBe(2);
    expect(said).toMatch(/^Unknown option '--hlp'\nnpm run down -- \[flags\]/);
    expect(said).not.toContain(' at ');
  });
});
