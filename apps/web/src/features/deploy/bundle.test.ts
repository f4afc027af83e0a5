import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { bundleOf, entryOf, readChosen } from './bundle.ts';
import { readTar } from './tar.ts';

type Part = { name: string; text?: string; type?: 'symlink' | 'directory' };

const tarOf = async (parts: readonly Part[]): Promise<Uint8Array<ArrayBuffer>> => {
  const archive = pack();
  for (const { name, text = '', type } of parts)
    archive.entry({ name, ...(type && { type, linkname: '/x' }) }, text);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a bundle is read from a tar archive, packed or not, without the folder around it', async () => {
  const long = `conf/${'deep/'.repeat(30)}nginx.conf`;
  const tar = await tarOf([
    { name: 'shop/', type: 'directory' },
    { name: 'shop/compose.yaml', text: 'services: {}\n' },
    { name: `shop/${long}`, text: 'listen 80;' },
  ]);
  const files = { 'compose.yaml': 'services: {}\n', [long]: 'listen 80;' };
  expect(await readChosen([new File([tar], 'shop.tar')])).toEqual(files);
  expect(await readChosen([new File([gzipSync(tar)], 'shop.tar.gz')])).toEqual(files);
});

test('a link in an archive is refused by name', async () => {
  const tar = await tarOf([{ name: 'secret', type: 'symlink' }]);
  expect(() => readTar(tar)).toThrow('secret is a link or a device');
});

test('what is no archive is refused with a way out', () => {
  expect(() => readTar(bytes('services:\n'.repeat(100)))).toThrow('Make it anew with tar.');
});

test.each(['/etc/passwd', 'a/../../b'])('a path out of the bundle is refused: %s', (path) => {
  expect(() => bundleOf([{ path, content: bytes('') }])).toThrow('leads out of the bundle');
});

test.each(['./b/a', 'b/./a', 'b//a'])(
  'a file twice is refused by name, however it is written: %s',
  (path) => {
    const twice = [
      { path: 'b/a', content: bytes('1') },
      { path, content: bytes('2') },
      { path: 'c', content: bytes('') },
    ];
    expect(() => bundleOf(twice)).toThrow('b/a is in the bundle twice.');
  },
);

test('bytes that are no text are carried as they are', () => {
  const found = [
    { path: 'logo.png', content: new Uint8Array([0x89, 0xff]) },
    { path: 'zero', content: new Uint8Array([0x61, 0, 0x62]) },
    { path: 'text', content: bytes('ä') },
  ];
  expect(bundleOf(found)).toEqual({ 'logo.png': { base64: 'if8=' }, zero: { base64: 'YQBi' }, text: 'ä' });
});

test('an archive whose sizes lead backwards is refused, not read for ever', async () => {
  const tar = await tarOf([{ name: 'a', text: 'x' }]);
  tar.set(bytes('-0000001000\0'), 124);
  expect(() => readTar(tar)).toThrow('is no tar archive');
});

test('the Compose file nearest to the top is the entry', () => {
  expect(entryOf(['base/compose.yaml', 'docker-compose.yml', 'env'])).toBe('docker-compose.yml');
  expect(entryOf(['env'])).toBeUndefined();
});
