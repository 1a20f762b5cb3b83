import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorTable } from '../../src/errors/codes.ts';
import { ReaderError, TouchstoneError } from '../../src/errors/error.ts';
import { Exit, worstExit } from '../../src/errors/exit.ts';
import { errorsPage } from '../../src/errors/page.ts';

describe('error table', () => {
  it('is what docs/errors.md says', () => {
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    expect(page).toBe(errorsPage());
  });

  it.each(Object.keys(errorTable))('%s tells what to do, in one line', (code) => {
    const { remedy, exit, http } = errorTable[code as ErrorCode];
    expect(remedy).toMatch(/^[A-Z].{15,}[.]$/);
    expect(Object.values(Exit)).toContain(exit);
    expect(http).toBeGreaterThanOrEqual(400);
  });

  it('never calls a failed check of ours success or a verdict', () => {
    const exits = Object.values(errorTable).map((entry) => entry.exit as number);
    expect(exits).not.toContain(Exit.genuine);
    expect(exits).not.toContain(Exit.notGenuine);
  });
});

describe('errors', () => {
  it('carry code, cause and their row of the table', () => {
    const cause = new Error('below');
    const error = new ReaderError('READER_NONE', 'No reader.', { cause });
    expect(error).toBeInstanceOf(TouchstoneError);
    expect(error).toMatchObject({ name: 'ReaderError', code: 'READER_NONE', cause });
    expect(error.entry.exit).toBe(Exit.noVerdict);
  });
});

describe('worst exit', () => {
  it('is 5 > 6 > 8 > 4 > 7 > 3 > 0', () => {
    const order = [5, 6, 8, 4, 7, 3, 0] as const;
    for (const [index, worse] of order.entries()) {
      for (const better of order.slice(index)) {
        expect(worstExit([better, worse])).toBe(worse);
        expect(worstExit([worse, better])).toBe(worse);
      }
    }
  });

  it('of nothing is an error, not success', () => {
    expect(() => worstExit([])).toThrow(RangeError);
  });
});
