import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createKeys, makeKeyFile, readKeyFile } from './cluster-key.ts';

const keys = createKeys(randomBytes(32));

describe('cluster key', () => {
  it('opens what it sealed, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => {
        expect(keys.unseal(keys.seal(text, context), context)).toBe(text);
      }),
    );
  });
  it('does not open a value that was moved to another place', () => {
    expect(() => keys.unseal(keys.seal('x', 'registry:a'), 'registry:b')).toThrow(/belongs elsewhere/);
  });
  it('does not open a value that was changed', () => {
    const sealed = keys.seal('secret', 'c');
    const flipped = sealed.slice(0, -2) + (sealed.at(-2) === 'A' ? 'B' : 'A') + sealed.at(-1);
    expect(() => keys.unseal(flipped, 'c')).toThrow(/damaged/);
  });
  it('names the key that another server sealed with', () => {
    const other = createKeys(randomBytes(32));
    expect(() => keys.unseal(other.seal('x', 'c'), 'c')).toThrow(new RegExp(other.keyId));
  });
  it('makes a key file that only its owner can read, and refuses one that others can', () => {
    const folder = mkdtempSync(join(tmpdir(), 'key-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'cluster.key');
    makeKeyFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readKeyFile(path).keyId).toMatch(/^[0-9a-f]{12}$/);
    chmodSync(path, 0o644);
    expect(() => readKeyFile(path)).toThrow(/read by others/);
  });
});
