import { readFileSync } from 'node:fs';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'may not be read by you',
  EISDIR: 'is a folder',
};

/** The bytes of a file that a person named with an option; says which option where it cannot be read. */
export const readNamed = (path: string, option: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Error(`${path} ${WHY[code] ?? `cannot be read (${message})`}: name another with ${option}.`);
  }
};
