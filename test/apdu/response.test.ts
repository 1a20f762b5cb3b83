import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSw, parseResponse } from '../../src/apdu/response.ts';
import { concat } from '../../src/bytes/bytes.ts';
import { EvidenceError } from '../../src/errors/error.ts';

test('data and status word are found again', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 600 }),
      fc.integer({ min: 0, max: 0xffff }),
      (data, sw) => {
        const bytes = concat(data, Uint8Array.of(sw >> 8, sw & 0xff));
        expect(parseResponse(bytes)).toEqual({ data, sw });
      },
    ),
  );
});

test.each([2, 65_538])('%i bytes are an answer', (length) => {
  expect(parseResponse(new Uint8Array(length)).data.length).toBe(length - 2);
});

test.each([0, 1, 65_539])('%i bytes are none', (length) => {
  expect(() => parseResponse(new Uint8Array(length))).toThrow(EvidenceError);
});

test('status words are shown as four upper-case digits', () => {
  expect([0x9000, 0x6a82, 0x61, 0].map(formatSw)).toEqual(['9000', '6A82', '0061', '0000']);
});
