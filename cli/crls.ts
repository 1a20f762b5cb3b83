/** Revocation lists of makers that the user gives: `--crl`. */
import { EvidenceError } from '../src/errors/error.ts';
import { maxCrlBytes, parseCrl, type RevocationList } from '../src/trust/x509/crl.ts';
import type { Deps } from './deps.ts';
import { readBinaryFile, unsuitable } from './files.ts';

/**
 * Reads them all. Whether one is genuine and fresh shows when a certificate is held against it.
 *
 * @throws UsageError FILE_UNREADABLE, FILE_UNSUITABLE
 */
export async function loadCrls(
  paths: readonly string[],
  deps: Pick<Deps, 'stdin' | 'stderr'>,
): Promise<readonly RevocationList[]> {
  const lists: RevocationList[] = [];
  for (const path of paths) {
    const bytes = await readBinaryFile(path, maxCrlBytes, deps);
    try {
      lists.push(await parseCrl(bytes));
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      throw unsuitable(path, `it is no revocation list (${error.message})`, error);
    }
  }
  return lists;
}
