/** Finds the files that come with the program, be it run from its sources or installed. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The nearest folder above this file with a package.json: sources and build lie differently deep. */
const root = (() => {
  let folder = new URL('./', import.meta.url);
  for (let depth = 0; depth < 5; depth += 1) {
    try {
      readFileSync(new URL('package.json', folder));
      return folder;
    } catch {
      folder = new URL('../', folder);
    }
  }
  throw new Error('package.json not found above this file');
})();

/** Absolute path of a file of this package, for example "certs/registry.json". */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, root));
}

/** The version of this program. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  return String(version);
}
