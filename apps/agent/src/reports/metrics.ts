import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestValueOf, TaskStats } from '@portreeve/agent-protocol';
import type { NodePressure } from '@portreeve/domain';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const KEPT_HOURS = 25;
const RECENT_MS = 15 * MINUTE_MS;

const HOST = 'host';
const TASK_SERIES = [
  ['cpuCores', 'cores'],
  ['memoryBytes', 'bytes'],
  ['pids', 'processes'],
  ['receivedBytesPerSecond', 'bytes/s'],
  ['sentBytesPerSecond', 'bytes/s'],
] as const;
const HOST_SERIES = [
  ['cpuUsed', 'cores'],
  ['memoryUsedBytes', 'bytes'],
  ['load1', 'load'],
  ['diskUsedRatio', 'ratio'],
] as const;

/** One moment: of the host and of each task, figures in the order of the series above. */
type Point = { at: number; of: Record<string, number[]> };

export type Metrics = {
  add(at: number, stats: readonly TaskStats[], pressure: NodePressure | undefined): Promise<void>;
  /** Series of a task, or of the host, over the last minutes: 10 s apart for a quarter of an hour, then 1 min. */
  read(taskId: string | undefined, minutes: number): Promise<RequestValueOf<'metrics'>>;
};

const hostFigures = (pressure: NodePressure): number[] => {
  const fullest = Math.max(0, ...pressure.disks.map((disk) => disk.usedBytes / Math.max(1, disk.totalBytes)));
  return [pressure.cpuUsed, pressure.memoryUsedBytes, pressure.load1, fullest];
};

const pointOf = (at: number, stats: readonly TaskStats[], pressure: NodePressure | undefined): Point => {
  const of: Record<string, number[]> = {};
  if (pressure) of[HOST] = hostFigures(pressure);
  for (const one of stats) of[one.taskId] = TASK_SERIES.map(([name]) => Number(one[name].toPrecision(6)));
  return { at, of };
};

/** The mean of a minute's points, for each who is in any of them. */
export const meanOf = (points: readonly Point[]): Point => {
  const of: Record<string, number[]> = {};
  for (const key of new Set(points.flatMap((point) => Object.keys(point.of)))) {
    const rows = points.flatMap((point) => point.of[key] ?? []);
    const width = points.find((point) => point.of[key])?.of[key]?.length ?? 0;
    const count = rows.length / width;
    of[key] = Array.from({ length: width }, (_, column) => {
      const sum = rows.reduce((total, value, index) => (index % width === column ? total + value : total), 0);
      return Number((sum / count).toPrecision(6));
    });
  }
  return { at: points.at(-1)?.at ?? 0, of };
};

const fileOf = (at: number): string => `${new Date(at).toISOString().slice(0, 13)}.jsonl`;

/** One day of figures on this host's disk, a file per hour, gone with the host. Numbers only, so not sealed. */
export const openMetrics = async (stateDir: string): Promise<Metrics> => {
  const folder = join(stateDir, 'metrics');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let recent: Point[] = [];
  let minute: Point[] = [];

  const prune = async (now: number): Promise<void> => {
    const oldest = fileOf(now - KEPT_HOURS * HOUR_MS);
    const files = await readdir(folder);
    await Promise.all(
      files.filter((name) => name < oldest).map((name) => rm(join(folder, name), { force: true })),
    );
  };

  const stored = async (from: number, to: number): Promise<Point[]> => {
    const points: Point[] = [];
    for (let hour = Math.floor(from / HOUR_MS) * HOUR_MS; hour <= to; hour += HOUR_MS) {
      const content = await readFile(join(folder, fileOf(hour)), 'utf8').catch(() => '');
      for (const line of content.split('\n')) {
        // A line cut by a power cut is a lost minute.
        if (!line.endsWith('}')) continue;
        const point = JSON.parse(line) as Point;
        if (point.at >= from && point.at < to) points.push(point);
      }
    }
    return points;
  };

  return {
    add: async (at, stats, pressure) => {
      const point = pointOf(at, stats, pressure);
      recent = [...recent.filter((one) => one.at > at - RECENT_MS), point];
      const last = minute[0];
      if (last && Math.floor(last.at / MINUTE_MS) !== Math.floor(at / MINUTE_MS)) {
        const mean = meanOf(minute);
        minute = [];
        await appendFile(join(folder, fileOf(mean.at)), `${JSON.stringify(mean)}\n`, { mode: 0o600 });
        if (new Date(at).getUTCMinutes() === 0) await prune(at);
      }
      minute.push(point);
    },
    read: async (taskId, minutes) => {
      const from = Date.now() - minutes * MINUTE_MS;
      const border = recent[0]?.at ?? Date.now();
      const points = [
        ...(from < border ? await stored(from, border) : []),
        ...recent.filter((one) => one.at >= from),
      ];
      const key = taskId ?? HOST;
      const names = taskId === undefined ? HOST_SERIES : TASK_SERIES;
      return {
        series: names.map(([name, unit], column) => ({
          name,
          unit,
          points: points.flatMap((point): [number, number][] => {
            const value = point.of[key]?.[column];
            return value === undefined ? [] : [[point.at, value]];
          }),
        })),
      };
    },
  };
};
