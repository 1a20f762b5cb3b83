/** Loads the built-in registry and the local one that a user may add. */
import { readFileSync } from 'node:fs';
import { RegistryError } from '../src/errors/error.ts';
import { families, findFamily } from '../src/families/index.ts';
import { Registry } from '../src/trust/registry.ts';
import { parseRegistryLayer, type RegistryLayer } from '../src/trust/registry-layer.ts';
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
  const pinned = packagedLayer('certs/registry.json', 'pinned');
  if (overlay === undefined) return new Registry([pinned]);
  const text = await readTextFile(overlay, maxRegistryFileBytes, deps);
  const layer = parseRegistryLayer(text, 'overlay', overlay);
  if (!layer.file.demo && hasDemoRoot(layer)) {
    // Anybody can make cards that chain to it: nothing under it may look like a real one.
    throw new RegistryError(
      `The registry ${overlay} cannot be used: it pins a root of the demo, so it must say "demo": true.`,
    );
  }
  const unknown = Object.keys(layer.file.families).find((id) => findFamily(id) === undefined);
  if (unknown === undefined) return new Registry([pinned, layer]);
  // Under a misspelt name a revocation would silently not hold.
  const known = families.map(({ id }) => id).join(', ');
  throw new RegistryError(
    `The registry ${overlay} cannot be used: there is no family "${unknown}". Known: ${known}.`,
  );
}

/**
 * For the demo: as if the demo roots had come with Touchstone, so that the screens are those of a
 * real card. The layer is marked as a demo, so every verdict under it says DEMO.
 */
export function loadDemoRegistry(): Registry {
  const { file } = packagedLayer('certs/registry.json', 'pinned');
  const demo = packagedLayer('certs/demo/registry.json', 'overlay').file;
  const families = Object.entries(file.families).map(([id, entry]) => {
    const roots = [...entry.roots, ...(demo.families[id]?.roots ?? [])];
    const issuers = [...entry.issuers, ...(demo.families[id]?.issuers ?? [])];
    return [id, { ...entry, roots, issuers }];
  });
  const text = JSON.stringify({ ...file, demo: true, families: Object.fromEntries(families) });
  return new Registry([parseRegistryLayer(text, 'pinned', 'of the demo')]);
}

function hasDemoRoot({ file }: RegistryLayer): boolean {
  const demo = packagedLayer('certs/demo/registry.json', 'overlay').file;
  const published = new Set(rootsOf(demo));
  return rootsOf(file).some((root) => published.has(root));
}

/** Keys and certificates of all roots, as the registry writes them. */
function rootsOf({ families: all }: RegistryLayer['file']): readonly string[] {
  return Object.values(all)
    .flatMap(({ roots }) =>
      roots.flatMap((root) => Object.values({ key: root.key, certificate: root.certificate })),
    )
    .filter((root) => root !== undefined);
}

function packagedLayer(path: string, role: RegistryLayer['role']): RegistryLayer {
  return parseRegistryLayer(readFileSync(packageFile(path), 'utf8'), role, path);
}
