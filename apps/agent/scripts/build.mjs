// Builds the agent as one file: dist/agent.cjs, and dist/portreeve-agent-<platform> with a Node of its own, for this
// machine, or for another platform with the Node of it: build.mjs linux-arm64 <its node>.
// Nothing is done when the inputs are those of the last build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { inject } from 'postject';

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** For a small resident set: this program waits, it does not compute. */
const NODE_FLAGS = [
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--v8-pool-size=1',
  '--no-opt',
  '--max-lazy',
  '--expose-gc',
  '--disable-warning=ExperimentalWarning',
];

/** Parts of libraries that the agent never reaches (remote engines over SSH, builds), and native speed-ups that it can do without. */
const UNREACHED = ['ssh2', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs'];
const OPTIONAL = ['bufferutil', 'utf-8-validate', 'cpu-features'];
const anyOf = (names) => new RegExp(`^(${names.map((name) => name.replace('/', '\\/')).join('|')})$`);
const stubs = {
  name: 'stubs',
  setup: (plugin) => {
    plugin.onResolve({ filter: anyOf(UNREACHED) }, ({ path }) => ({ path, namespace: 'empty' }));
    plugin.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
    // Messages in fifty languages, of which one is used.
    plugin.onResolve({ filter: /\/locales\/index\.js$/ }, ({ path, importer }) =>
      importer.includes('/zod/') ? { path, namespace: 'empty' } : undefined,
    );
    // Their absence has to be noticed: whoever asks for one catches the error and takes the plain way.
    plugin.onResolve({ filter: anyOf(OPTIONAL) }, ({ path }) => ({ path, namespace: 'absent' }));
    plugin.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not here`)});`,
    }));
  },
};

const bundle = async () => {
  const result = await build({
    entryPoints: [join(root, 'src/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minify: true,
    keepNames: true,
    write: false,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [stubs],
  });
  return result.outputFiles[0].contents;
};

/** Stripped before the injection: after it, the blob would be lost and the file crash. */
const strippedNode = (node, into) => {
  copyFileSync(node, into);
  chmodSync(into, 0o755);
  try {
    execFileSync('strip', [into], { stdio: 'ignore' });
  } catch {
    process.stderr.write(
      'nothing here strips it (package binutils): the agent will be larger than need be\n',
    );
  }
};

/** `builder` is a Node of the same version that runs here: what it prepares does not depend on the platform. */
const makeFile = async (builder, node, code, target) => {
  const work = mkdtempSync(join(dist, 'work-'));
  const main = join(work, 'agent.cjs');
  const blob = join(work, 'agent.blob');
  const config = join(work, 'sea.json');
  writeFileSync(main, code);
  const sea = {
    main,
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    useSnapshot: false,
    execArgv: NODE_FLAGS,
  };
  writeFileSync(config, JSON.stringify(sea));
  execFileSync(builder, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'ignore'] });
  const fresh = join(work, 'agent');
  strippedNode(node, fresh);
  await inject(fresh, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: FUSE });
  chmodSync(fresh, 0o755);
  copyFileSync(fresh, `${target}.new`);
  chmodSync(`${target}.new`, 0o755);
  renameSync(`${target}.new`, target);
  rmSync(work, { recursive: true, force: true });
};

/** The Node that came with the dependencies, if any. */
const nodeOf = (arch) => {
  try {
    return require.resolve(`node-linux-${arch}/bin/node`);
  } catch {
    return undefined;
  }
};

const main = async () => {
  mkdirSync(dist, { recursive: true });
  const code = await bundle();
  const cjs = join(dist, 'agent.cjs');
  if (!existsSync(cjs) || sha256(readFileSync(cjs)) !== sha256(code)) writeFileSync(cjs, code);
  const builder = nodeOf(process.arch);
  const [platform = `linux-${process.arch}`, node = builder] = process.argv.slice(2);
  if (!builder || !node) {
    process.stderr.write(`there is no node-linux-${process.arch}: only dist/agent.cjs was built\n`);
    return;
  }
  const target = join(dist, `portreeve-agent-${platform}`);
  const { size, mtimeMs } = statSync(node);
  const key = sha256(
    `${sha256(code)} ${size} ${mtimeMs} ${sha256(readFileSync(fileURLToPath(import.meta.url)))}`,
  );
  const keyFile = `${target}.key`;
  if (existsSync(target) && existsSync(keyFile) && readFileSync(keyFile, 'utf8') === key) {
    process.stdout.write('the agent is up to date\n');
    return;
  }
  rmSync(keyFile, { force: true });
  await makeFile(builder, node, code, target);
  writeFileSync(keyFile, key);
  process.stdout.write(`built ${target} (${Math.round(statSync(target).size / 1024 / 1024)} MiB)\n`);
};

await main();
