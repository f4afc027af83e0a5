import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pack } from 'tar-stream';

/** One entry of an image's root. Folders above it come by themselves. */
export type ImageFile =
  | { readonly path: string; readonly content: string | Buffer; readonly mode?: number }
  | { readonly path: string; readonly from: string; readonly mode?: number }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly dir: true; readonly mode?: number };

const BUSYBOX = '/usr/bin/busybox';
// Always the same bytes from the same files, so that a digest says what is in an image.
const EPOCH = new Date(0);

/** Makes the root of an image as a tar. Of a path that is named twice the first counts: engines refuse two. */
export async function rootTar(files: readonly ImageFile[]): Promise<Buffer> {
  const tar = pack();
  const made = new Set(['.', '/']);
  for (const file of files) {
    addFolders(tar, made, dirname(file.path));
    addFile(tar, made, file);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  // A pack gives out buffers; its types leave that open.
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Busybox with all its commands, and the few files programs expect: a root to build on. */
export function busyboxFiles(): ImageFile[] {
  const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  return [
    { path: '/bin/busybox', from: BUSYBOX, mode: 0o755 },
    ...applets
      .filter((name) => name !== 'busybox')
      .map((name) => ({ path: `/bin/${name}`, link: 'busybox' })),
    {
      path: '/etc/passwd',
      content: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n',
    },
    { path: '/etc/group', content: 'root:x:0:\nnogroup:x:65534:\n' },
    { path: '/etc/nsswitch.conf', content: 'hosts: files dns\n' },
    { path: '/tmp', dir: true, mode: 0o1777 },
    { path: '/root', dir: true, mode: 0o700 },
  ];
}

/** Programs of this machine, each at its own path, with the libraries they load. */
export function programFiles(programs: readonly string[]): ImageFile[] {
  const libraries = new Set(programs.flatMap(librariesOf));
  return [...programs, ...libraries].map((path) => ({ path, from: path, mode: 0o755 }));
}

function librariesOf(program: string): string[] {
  const output = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...output.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].flatMap((match) => match[1] ?? []);
}

type Tar = ReturnType<typeof pack>;

function addFolders(tar: Tar, made: Set<string>, path: string): void {
  if (made.has(path)) return;
  addFolders(tar, made, dirname(path));
  addFile(tar, made, { path, dir: true });
}

function addFile(tar: Tar, made: Set<string>, file: ImageFile): void {
  if (made.has(file.path)) return;
  made.add(file.path);
  // Docker wants names relative to the root.
  const header = { name: file.path.replace(/^\/+/, ''), mtime: EPOCH };
  if ('link' in file) {
    tar.entry({ ...header, type: 'symlink', linkname: file.link });
    return;
  }
  if ('dir' in file) {
    tar.entry({ ...header, type: 'directory', mode: file.mode ?? 0o755 });
    return;
  }
  const content = 'from' in file ? readFileSync(file.from) : file.content;
  tar.entry({ ...header, mode: file.mode ?? 0o644 }, content);
}
