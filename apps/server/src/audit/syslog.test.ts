import { expect, it } from 'vitest';
import { type ChainLine, FIRST_HASH } from './chain.ts';
import { frame, syslogMessage } from './syslog.ts';

const line = (more: Partial<ChainLine['entry']>): ChainLine => ({
  ...{ sequence: '7', previousHash: FIRST_HASH, hash: FIRST_HASH },
  entry: {
    ...{ id: 'x', at: '2026-11-30T10:00:00.000Z', actorKind: 'user', actorId: null, actorName: 'ann' },
    ...{ via: 'browser', address: '', action: 'stack.apply', objectKind: null, objectId: null },
    ...{ objectName: null, projectPath: null, outcome: 'done', detail: {}, grantId: null, ...more },
  },
});

it('a message has its priority by the outcome, and a header without spaces of others', () => {
  expect(syslogMessage(line({}), 'one')).toMatch(
    /^<110>1 2026-11-30T10:00:00\.000Z one portreeve - stack\.apply \[/,
  );
  expect(syslogMessage(line({ outcome: 'refused', action: 'a b\n' }), 'h\u00f6st x')).toMatch(
    /^<108>1 \S+ h_st_x portreeve - a_b_ \[/,
  );
});

it('names of people end no parameter and no line, and reorder nothing', () => {
  const text = syslogMessage(line({ actorName: 'a"] \\ b\n<13>1\u202e' }), 'one');
  expect(text).toContain('actor="a\\"\\] \\\\ b\\\\n<13>1\\\\u{202e}"');
  expect(text).not.toMatch(/[\n\u202e]/);
});

it('one that is too long leaves its detail out and says so; octets are counted, not characters', () => {
  const text = syslogMessage(line({ detail: { text: 'ö'.repeat(9_000) } }), 'one');
  expect(Buffer.byteLength(text)).toBeLessThan(8_192);
  expect(text).toContain('"detailLeftOut":true');
  expect(frame('ö')).toBe('2 ö');
});
