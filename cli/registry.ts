/** Loads the built-in registry and the local one that a user may add. */
import { readFileSync } from 'node:fs';
import { parseRegistryLayer, Registry } from '../src/trust/registry.ts';
import { maxRegistryFileBytes } from '../src/trust/registry-schema.ts';
import type { Deps } from './deps.ts';
import { readTextFile } from './files.ts';
import { packageFile } from './package.ts';

/**
 * @param overlay path of a local registry, - for standard input
 * @throws UsageError FILE_UNREADABLE, FILE_UNSUITABLE, RegistryError REGISTRY_INVALID
 */
export async function loadRegistry(
  overlay: string | undefined,
  deps: Pick<Deps, 'stdin' | 'stderr'>,
): Promise<Registry> {
  const pinned = parseRegistryLayer(
    readFileSync(packageFile('certs/registry.json'), 'utf8'),
    'pinned',
    'that came with Touchstone',
  );
  if (overlay === undefined) return new Registry([pinned]);
  const text = await readTextFile(overlay, maxRegistryFileBytes, deps);
  return new Registry([pinned, parseRegistryLayer(text, 'overlay', overlay)]);
}
