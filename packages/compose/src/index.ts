export type {
  BundleFile,
  ComposeApplication,
  ComposeFileObject,
  ComposeNetwork,
  ComposeService,
  ComposeVariable,
  ComposeVolume,
  Diagnostic,
} from './application.ts';
export { type Dotenv, type DotenvEntry, parseDotenv } from './dotenv.ts';
export type { Form, KeyRule, ScalarKind, Section } from './key-rules.ts';
export { keyTable } from './keys.ts';
export { type Privilege, privilegesOf } from './privileges.ts';
export { parseDuration } from './quantities.ts';
export { type ComposeInput, type ComposeResult, readCompose } from './read-compose.ts';
export { composeSchema, type JsonSchema } from './schema.ts';
