/** One registry file, read: a layer of the registry. */
import { utf8 } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { parseJson } from '../bytes/json.ts';
import { sha256 } from '../bytes/sha256.ts';
import { RegistryError } from '../errors/error.ts';
import { firstIssue } from '../errors/issue.ts';
import {
  type FamilyEntry,
  maxRegistryFileBytes,
  type RegistryFile,
  type Root,
  registryFile,
  registrySchemaId,
} from './registry-schema.ts';

export interface RegistryLayer {
  readonly file: RegistryFile;
  /** SHA-256 of the file's bytes, hex. */
  readonly hash: string;
  /** `pinned`: came with Touchstone. `overlay`: given by the user. */
  readonly role: 'pinned' | 'overlay';
}

/** A root, and the layer that pinned it. */
export interface KnownRoot extends Root {
  readonly layer: RegistryLayer;
}

/** What one layer says of a family. */
export interface LayeredEntry {
  readonly entry: FamilyEntry;
  readonly layer: RegistryLayer;
}

/**
 * Reads one registry file.
 *
 * @param name how errors call it, for example its file name
 * @throws RegistryError with the first field that is wrong, got and expected
 */
export function parseRegistryLayer(
  text: string,
  role: RegistryLayer['role'],
  name: string,
): RegistryLayer {
  const refuse = (why: string, cause?: unknown) =>
    new RegistryError(`The registry ${name} cannot be used: ${why}.`, { cause });
  if (text.length > maxRegistryFileBytes)
    throw refuse(`longer than ${maxRegistryFileBytes} characters`);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw refuse('it is not one whole JSON value', cause);
  }
  const result = registryFile.safeParse(json);
  if (result.success) return { file: result.data, hash: toHex(sha256(utf8(text))), role };
  if (result.error.issues[0]?.path[0] === 'schema') {
    throw refuse(`field "schema" must be "${registrySchemaId}"`);
  }
  throw refuse(firstIssue(result.error), result.error);
}
