/**
 * The code of an error as Node.js and its drivers give it, such as ENOENT, SQLITE_FULL or 57P01; undefined
 * for anything without one.
 */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
