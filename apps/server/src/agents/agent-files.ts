import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@portreeve/domain';

/** What `uname -s -m` says in lower case, and what each build is called. */
const AGENT_PLATFORMS = {
  'linux-x64': 'portreeve-agent-linux-x64',
  'linux-arm64': 'portreeve-agent-linux-arm64',
} as const;
type Platform = keyof typeof AGENT_PLATFORMS;

const isPlatform = (name: string): name is Platform => Object.hasOwn(AGENT_PLATFORMS, name);

/** The agent's file for a platform; refuses with `not-found` when there is none (SPEC.md, J1). */
export const findAgentFile = async (
  folder: string,
  platform: string,
): Promise<{ path: string; size: number }> => {
  if (!isPlatform(platform))
    throw new DomainError(
      'not-found',
      `There is no agent for "${platform}": only for ${Object.keys(AGENT_PLATFORMS).join(' and ')}.`,
    );
  const path = join(folder, AGENT_PLATFORMS[platform]);
  const found = await stat(path).catch(() => undefined);
  if (found) return { path, size: found.size };
  throw new DomainError('not-found', `The agent for ${platform} is not built on this server.`, {
    hint: `Build it there with "npm run agent -- ${platform}".`,
  });
};
