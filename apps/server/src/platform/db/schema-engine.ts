import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** The global's type comes with the DOM's, which a server has no use for. */
type WithWebAssembly = {
  WebAssembly: {
    instantiate(
      code: Uint8Array,
      imports: Record<string, unknown>,
    ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
  };
};

/**
 * Prisma's schema engine as WebAssembly: `prisma migrate` would download a binary instead. The package exports
 * no `.wasm`, so it is found beside its JavaScript.
 */
const load = async () => {
  const description = findPackageJSON('@prisma/schema-engine-wasm', import.meta.url) ?? '';
  const code = await readFile(join(dirname(description), 'schema_engine_bg.wasm'));
  const { instance } = await (globalThis as unknown as WithWebAssembly).WebAssembly.instantiate(code, {
    './schema_engine_bg.js': bindings,
  });
  (bindings as unknown as { __wbg_set_wasm(exports: unknown): void }).__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
};
let loaded: Promise<void> | undefined;

/** Runs `work` with the engine on a database and lets go of every connection. `datamodels` are pairs of path and text. */
export const withSchemaEngine = async <T>(
  connectionString: string,
  datamodels: [string, string][],
  work: (engine: bindings.SchemaEngine) => Promise<T>,
): Promise<T> => {
  loaded ??= load();
  await loaded;
  const pool = new pg.Pool({ connectionString });
  pool.on('error', () => {});
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
    return await work(await bindings.SchemaEngine.new({ datamodels }, () => {}, adapter));
  } finally {
    await pool.end();
  }
};
