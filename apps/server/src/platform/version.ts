import { readFileSync } from 'node:fs';

const description: { version: string } = JSON.parse(
  readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
);
/** Version of Portreeve, of server and console alike. */
export const VERSION = description.version;
