import { expect, test } from 'vitest';
import { renderMarkdown } from './plain-markdown.ts';

test('what a schema says of a key is shown as text, and no markup gets through', () => {
  expect(renderMarkdown('a <b>"c"</b> & d')).toBe('a &lt;b&gt;&quot;c&quot;&lt;/b&gt; &amp; d');
});
