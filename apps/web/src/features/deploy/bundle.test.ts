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

test('a file twice, and bytes that are no text, are refused by name', () => {
  const twice = [
    { path: 'a', content: bytes('1') },
    { path: './a', content: bytes('2') },
  ];
  expect(() => bundleOf(twice)).toThrow('a is in the bundle twice.');
  expect(() => bundleOf([{ path: 'logo.png', content: new Uint8Array([0x89, 0xff]) }])).toThrow(
    'logo.png is no UTF-8 text',
  );
});

test('the Compose file nearest to the top is the entry', () => {
  expect(entryOf(['base/compose.yaml', 'docker-compose.yml', 'env'])).toBe('docker-compose.yml');
  expect(entryOf(['env'])).toBeUndefined();
});
