import { mkdirSync, writeFileSync } from 'node:fs';
import { keyDocs } from '../src/key-docs.ts';

const folder = new URL('../../../docs/compose/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('keys.md', folder), keyDocs());
