import { DomainError } from '@portreeve/domain';
import Docker from 'dockerode';
import { compareApi, negotiateApi } from './api-version.ts';

export type EngineVersion = { name: string; version: string; api: string };

/** The engine of this host, at the API version both sides speak. */
export type Engine = {
  docker: Docker;
  version: EngineVersion;
  /** True when the API is `wanted` or newer. */
  speaks(wanted: string): boolean;
  /** Health is in its list and its events; else each container is asked. */
  tellsHealth: boolean;
};

type VersionAnswer = {
  ApiVersion?: string;
  MinAPIVersion?: string;
  Version?: string;
  Platform?: { Name?: string };
  Components?: { Name: string }[];
};

/** The name of an engine that is Podman's compatible API. */
export const PODMAN = 'Podman';

const isPodman = ({ Components }: VersionAnswer): boolean =>
  Components?.some(({ Name }) => Name.includes(PODMAN)) ?? false;

const nameOf = (answer: VersionAnswer): string =>
  isPodman(answer) ? PODMAN : answer.Platform?.Name || 'Docker Engine';

/** Asks the engine who it is and what it speaks; throws with a sentence when it is too old, or silent for 5 s. */
export const openEngine = async (socketPath: string): Promise<Engine> => {
  const plain = new Docker({ socketPath });
  const ask = plain.version.bind(plain) as unknown as (options: object) => Promise<VersionAnswer>;
  const answer = await ask({ abortSignal: AbortSignal.timeout(5_000) }).catch((cause: Error) => {
    throw new DomainError(
      'engine.unavailable',
      `The engine at ${socketPath} does not answer: ${cause.message}.`,
      { cause },
    );
  });
  const api = negotiateApi({ newest: answer.ApiVersion ?? '', oldest: answer.MinAPIVersion });
  const version = { name: nameOf(answer), version: answer.Version ?? '', api };
  return {
    docker: new Docker({ socketPath, version: `v${api}` }),
    version,
    speaks: (wanted) => compareApi(api, wanted) >= 0,
    tellsHealth: !isPodman(answer),
  };
};
