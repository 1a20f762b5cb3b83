/** Results of pure functions of bytes, remembered: faster, and no outcome can change by it. */
import { toHex } from '../bytes/hex.ts';

/**
 * @param max results kept; when they are full it starts anew, so hostile input cannot fill memory
 * @param compute must depend on its arguments alone
 */
export function remembered<T>(
  max: number,
  compute: (...parts: Uint8Array[]) => T,
): (...parts: Uint8Array[]) => T {
  const results = new Map<string, T>();
  return (...parts) => {
    const name = parts.map(toHex).join('.');
    const known = results.get(name);
    if (known !== undefined) return known;
    const result = compute(...parts);
    if (results.size >= max) results.clear();
    results.set(name, result);
    return result;
  };
}
