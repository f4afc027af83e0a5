import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { expect, it } from 'vitest';
import { programFiles, rootTar } from '../../e2e/lab/images/files.ts';
import { shopFiles } from './images.ts';

const pathsIn = async (tar: Buffer): Promise<string[]> => {
  const paths: string[] = [];
  for await (const entry of Readable.from(tar).pipe(extract())) {
    paths.push(entry.header.name);
    entry.resume();
  }
  return paths;
};

it.each([
  ['the shop', shopFiles],
  [
    'programs that share libraries',
    () => [...programFiles(['/bin/sh']), ...programFiles(['/bin/ls', '/bin/cat'])],
  ],
])('the root of an image with %s names no path twice', async (_, files) => {
  const paths = await pathsIn(await rootTar(files()));
  expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
});
