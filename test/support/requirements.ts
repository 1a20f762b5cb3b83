/**
 * Parts of the system that some tests need. Where one is missing, its suites are skipped by name
 * and the title says why. Where TOUCHSTONE_REQUIRE names it (comma-separated, as in "pcsc"), its
 * absence is a failure, so that an automatic run cannot pass by testing nothing.
 */
import { describe, test } from 'vitest';

/** @returns what is missing and what to do, or undefined when all is there */
export type Probe = () => Promise<string | undefined>;

/**
 * A suite that needs a part of the system. To be awaited at the top level of a test file:
 *
 *   await describeWith('pcsc', pcscMissing, 'PC/SC readers', () => { test(...) });
 */
export async function describeWith(
  name: string,
  probe: Probe,
  title: string,
  suite: () => void,
): Promise<void> {
  const missing = await probe();
  if (missing === undefined) {
    describe(title, suite);
    return;
  }
  if (isRequired(name, process.env['TOUCHSTONE_REQUIRE'])) {
    describe(title, () => {
      test(`needs ${name}`, () => {
        throw new Error(`TOUCHSTONE_REQUIRE names ${name}, but ${missing}`);
      });
    });
    return;
  }
  // The default reporter does not print the titles of what it skips.
  console.warn(`skipped: ${title}. It needs ${name}: ${missing}`);
  describe.skipIf(true)(`${title} (skipped, needs ${name}: ${missing})`, suite);
}

/** True when the comma-separated list holds the name. */
export function isRequired(name: string, list: string | undefined): boolean {
  return (list ?? '').split(',').some((part) => part.trim() === name);
}
