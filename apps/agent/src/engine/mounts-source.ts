import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DomainError, isWithin, normalPath, reachesEngine } from '@portreeve/domain';

const refused = (source: string, why: string): DomainError =>
  new DomainError('permission.missing', `this host does not mount ${source}: ${why}`);

/** Where a path of this host leads: links followed in what exists, the rest as it is written. */
export const whereItLeads = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isLink = await lstat(path).then(
      () => true,
      () => false,
    );
    // A link whose end is not there yet may lead anywhere by the time the engine follows it.
    if (isLink) throw refused(path, `it is a link that leads nowhere (${code})`);
    if (code !== 'ENOENT') throw refused(path, `where it leads cannot be seen (${code})`);
    return join(await whereItLeads(dirname(path)), basename(path));
  }
};

/**
 * Why a path may not be mounted although its text was allowed. Who may have the engine's socket has the host, so that
 * a text which asks for that leads wherever it leads.
 */
export const whyForbidden = (
  source: string,
  real: string,
  guarded: readonly string[],
): string | undefined => {
  if (reachesEngine(source)) return undefined;
  if (reachesEngine(real))
    return `it leads to ${real}, through which the engine is commanded, and the right host.engine-socket was not asked for it`;
  const place = guarded.find((one) => isWithin(one, real) || isWithin(real, one));
  if (place === undefined) return undefined;
  return `it leads to ${real}, and ${place} with the agent's keys and the secrets of tasks is no one's to mount`;
};

/** The resolved path of what a task may mount of this host. Throws where the place is forbidden. */
export const allowedSource = async (source: string, guarded: readonly string[]): Promise<string> => {
  const [real, ...places] = await Promise.all([normalPath(source), ...guarded].map(whereItLeads));
  const why = whyForbidden(source, real as string, places);
  if (why) throw refused(source, why);
  return real as string;
};
