import type { ImagePin } from '@portreeve/domain';
import { Digest, NodeId } from '@portreeve/domain';
import { expect, test } from 'vitest';
import { keepsImage } from './kept-images.ts';

const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const pulled: ImagePin = { kind: 'digest', reference: 'r/web:1', registry: 'r', repository: 'web', digest };
const local: ImagePin = {
  kind: 'local',
  reference: 'web:1',
  imageId: digest,
  nodeId: NodeId.parse('01900000-0000-7000-8000-000000000001'),
};
const old = { number: 4, newest: 9, pin: pulled, pullPolicy: 'missing' } as const;

test('images of the newest five revisions are kept', () => {
  expect(keepsImage({ ...old, number: 5 })).toBe(true);
  expect(keepsImage(old)).toBe(false);
});
test('an image that exists only on a host is kept as long as its revision', () =>
  expect(keepsImage({ ...old, pin: local })).toBe(true));
test('an image that may not be pulled is kept as long as its revision', () =>
  expect(keepsImage({ ...old, pullPolicy: 'never' })).toBe(true));
