import { createHash } from 'node:crypto';
import { BUILT_IN_ROLES } from '@portreeve/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signInWith } from '../access/test-people.ts';
import { everyRow } from '../test-rows.ts';
import { bulkOf, open, type StreamsStage, startStreamsStage } from './test-streams.ts';

let stage: StreamsStage;
beforeAll(async () => {
  stage = await startStreamsStage();
});
afterAll(() => stage?.close());

const terminal = (taskId: string) => ({ kind: 'terminal', taskId, columns: 80, rows: 24 });
const record = (recordTerminals: boolean) =>
  stage.server.db.database.prisma.project.updateMany({ where: { path: '/' }, data: { recordTerminals } });
type Entry = { action: string; recordingId: string | null; detail: { recording?: { sha256: string } } };
const audited = async (task: string): Promise<Entry[]> => {
  const { items } = (await stage.admin.call('GET', `/audit?object=${task}&direction=asc`)).json as {
    items: Entry[];
  };
  return items;
};
const shown = (cast: string): string =>
  cast
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as [number, string, string])
    .filter(([, code]) => code === 'o')
    .map(([, , text]) => text)
    .join('');

test('a terminal is recorded where the project asks for it, says so, and is read with a right that the audit notes', async () => {
  await record(true);
  const host = await stage.startHost('recorded');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage(stage.other.consoleUrl);
  const { ok, streamId, recorded } = (await open(page, terminal(task))) as never as Record<string, never>;
  expect({ ok, recorded }).toEqual({ ok: true, recorded: true });
  const bulk = await bulkOf(host, task);
  page.socket.emit('input', { streamId, bytes: Buffer.from('typed in the dark') });
  page.socket.emit('resize', { streamId, columns: 100, rows: 30 });
  const euro = Buffer.from('€');
  bulk.emit('data', {
    sequence: 1,
    bytes: Buffer.concat([Buffer.from('\u001b[1mcanary '), euro.subarray(0, 2)]),
  });
  bulk.emit('data', { sequence: 2, bytes: euro.subarray(2) });
  await expect
    .poll(page.bytes)
    .toBe('What this terminal shows is recorded, and kept with the audit.\r\n\u001b[1mcanary €');
  page.socket.emit('close', { streamId });
  await expect.poll(async () => (await audited(task)).length).toBe(2);
  const [opened, closed] = await audited(task);
  expect(opened).toMatchObject({ action: 'terminal.open', recordingId: streamId });

  const answer = await stage.admin.call('GET', `/audit/recordings/${opened?.recordingId}`);
  expect(answer.headers.get('content-type')).toMatch(/^application\/x-asciicast/);
  expect(JSON.parse(answer.text.split('\n')[0] ?? '')).toMatchObject({ version: 2, width: 80, height: 24 });
  expect(shown(answer.text)).toBe('\u001b[1mcanary €');
  expect(answer.text).toContain('"r","100x30"');
  expect(answer.text).not.toContain('typed in the dark');
  expect(closed?.detail.recording).toMatchObject({
    ...{ sha256: createHash('sha256').update(answer.text).digest('hex'), cutShort: false },
  });
  expect(await everyRow(stage.server.db.database)).not.toContain('canary');
  expect((await audited(task)).at(-1)).toMatchObject({ action: 'recording.read' });

  const viewer = await signInWith(stage.server, 'viewer', [
    { role: BUILT_IN_ROLES.fullControl, project: '/' },
  ]);
  expect((await viewer.call('GET', `/audit/recordings/${streamId}`)).status).toBeGreaterThanOrEqual(403);
  const auditor = await signInWith(stage.server, 'auditor', [{ role: BUILT_IN_ROLES.auditor, project: '/' }]);
  expect((await auditor.call('GET', `/audit/recordings/${streamId}`)).text).toBe(answer.text);
  page.socket.close();
  await stage.endTasks();
});

test('one elsewhere is not, and says nothing of it', async () => {
  await record(false);
  const host = await stage.startHost('free');
  const task = await stage.startTask(host, 1);
  const page = await stage.openPage();
  const answer = await open(page, terminal(task));
  expect(answer).toEqual({ ok: true, streamId: answer.streamId });
  const bulk = await bulkOf(host, task);
  bulk.emit('data', { sequence: 1, bytes: Buffer.from('hello') });
  await expect.poll(page.bytes).toBe('hello');
  expect(await audited(task)).toMatchObject([{ recordingId: null }]);
  page.socket.close();
  await stage.endTasks();
});
