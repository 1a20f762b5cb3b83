/** The test that all rules of a path share: one is broken, and that one is told. */
import { expect, it } from 'vitest';
import { type Broken, validate } from './chain.ts';

/**
 * Makes a test of each row: the chain that holds, so changed, is refuted with just that fault.
 * Call it within a `describe`.
 */
export function eachIsRefuted(rows: readonly Broken[]): void {
  it.each(rows)('%s', (_, change, [certificate, rule, field, got, expected]) => {
    expect(validate(change)).toEqual({
      result: 'refuted',
      fault: { certificate, rule, field, got, expected },
    });
  });
}
