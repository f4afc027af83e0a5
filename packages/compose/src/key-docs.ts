import type { KeyRule } from './key-rules.ts';
import { keyTable } from './keys.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = (path: string, key: string, rule: KeyRule): string => {
  const where = path === '' ? key : `${path}.${key}`;
  return 'does' in rule
    ? `| \`${where}\` | honoured | ${cell(rule.does)} |`
    : `| \`${where}\` | refused | ${cell(`Instead: ${rule.instead}.`)} |`;
};

/** The page docs/compose/keys.md: every key of the Compose schema, honoured or refused with what to do. */
export const keyDocs = (): string => {
  const rows = Object.values(keyTable).flatMap(({ path, keys }) =>
    Object.entries(keys).map(([key, rule]) => row(path, key, rule)),
  );
  return `# Keys of a Compose file

Made from the key table in \`packages/compose\` by \`npm run docs -w @portreeve/compose\`; a test compares the two.

Every key is either honoured or refused with what to do instead. A key that stands in neither table is an error,
and keys that begin with \`x-\` are left to other tools, except \`x-portreeve\`. \`*\` stands for a name that you
choose, \`[]\` for each item of a list.

| key | | what it does, or what to do |
|---|---|---|
${rows.join('\n')}
`;
};
