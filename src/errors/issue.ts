/** What a schema objects to, as the end of a sentence: field, and what was expected. */
import type { ZodError } from 'zod';

/** The first objection; the others would only repeat that the file is wrong. */
export function firstIssue(error: ZodError): string {
  // A misspelt field explains the missing one.
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0];
  if (issue === undefined) return 'it is not as the format says';
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const inside = where === '' ? '' : ` in "${where}"`;
    return `it has a field "${issue.keys[0]}"${inside} that the format does not know`;
  }
  return where === '' ? `it is not as the format says` : `field "${where}": ${issue.message}`;
}
