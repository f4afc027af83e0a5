import { DomainError } from '@portreeve/domain';
import { parseReference } from './reference.ts';
import { openRegistry, type RegistryAccess } from './registry-client.ts';

export type TestStep = { name: string; ok: boolean; text: string };

const saying = (error: unknown): string =>
  error instanceof DomainError ? error.message : 'It could not be asked.';

/** Asks a registry what a deploy would, one step after the other; stops at the first that fails. */
export const testRegistry = async (
  access: RegistryAccess,
  reference: string | undefined,
): Promise<TestStep[]> => {
  const registry = openRegistry(access);
  const steps: TestStep[] = [];
  const step = async (name: string, ask: () => Promise<{ ok: boolean; text: string }>): Promise<boolean> => {
    const result = await ask().catch((error: unknown) => ({ ok: false, text: saying(error) }));
    steps.push({ name, ...result });
    return result.ok;
  };
  try {
    const reached = await step('Reach it and sign in', async () => {
      const status = await registry.ping();
      if (status === 200)
        return {
          ok: true,
          text: `${access.host} answers${access.username ? ` and knows ${access.username}` : ''}.`,
        };
      if (status === 401 || status === 403)
        return {
          ok: false,
          text: `${access.host} refuses ${access.username ?? 'us without a user name'} (${status}).`,
        };
      return { ok: false, text: `${access.host} answers ${status}, which no registry does.` };
    });
    if (reached && reference)
      await step(`Find ${reference}`, async () => {
        const named = parseReference(reference);
        const image = named.registry === access.host ? named : parseReference(`${access.host}/${reference}`);
        const { digest } = await registry.manifest(image);
        return { ok: true, text: `It is ${digest}.` };
      });
  } finally {
    await registry.close();
  }
  return steps;
};
