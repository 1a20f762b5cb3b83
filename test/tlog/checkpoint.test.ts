import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/bytes/base64.ts';
import { LogError } from '../../src/errors/error.ts';
import { encodeCheckpoint, parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import { emptyRoot } from '../../src/tlog/merkle.ts';
import { parseNote } from '../../src/tlog/note.ts';
import { log7, mlDsa, notes, tessera } from './given.ts';

const malformed = (run: () => unknown) => {
  expect(run).toThrow(LogError);
  expect(run).toThrow(expect.objectContaining({ code: 'LOG_MALFORMED' }));
};

const root = new Uint8Array(32).fill(7);
const root64 = encodeBase64(root);
const at = (size: string) => `log\n${size}\n${root64}\n`;

describe('a checkpoint', () => {
  it.each([
    ...tessera.checkpoints.map(
      ({ size, note }) => ['example.com/log/testdata', size, note] as const,
    ),
    ['go.sum database tree', 35225469, notes[2]?.note ?? ''] as const,
    [log7.origin, 7, log7.checkpoint] as const,
    [log7.origin, 70000, mlDsa.checkpoint] as const,
  ])('of %s at size %i is read and written back', (origin, size, note) => {
    const { text } = parseNote(note);
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint).toMatchObject({ origin, size: BigInt(size), extensions: [] });
    expect(encodeCheckpoint(checkpoint)).toBe(text);
  });

  it('of a tree without entries has its root', () => {
    const first = parseNote(tessera.checkpoints[0]?.note ?? '');
    expect(parseCheckpoint(first.text).root).toEqual(emptyRoot);
  });

  it('may have extension lines, which are not written', () => {
    const text = `${at('3')}one\n— two\n`;
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint.extensions).toEqual(['one', '— two']);
    expect(encodeCheckpoint(checkpoint)).toBe(at('3'));
  });

  it('has at most 64 of them', () => {
    expect(parseCheckpoint(at('3') + 'x\n'.repeat(64)).extensions).toHaveLength(64);
    malformed(() => parseCheckpoint(at('3') + 'x\n'.repeat(65)));
    malformed(() => parseCheckpoint(at('3') + 'x\n'.repeat(400_000)));
  });

  it('has a size up to 2^63-1', () => {
    expect(parseCheckpoint(at('9223372036854775807')).size).toBe(2n ** 63n - 1n);
    expect(parseCheckpoint(at('9007199254740993')).size).toBe(9007199254740993n);
  });

  it.each([
    '',
    '00',
    '07',
    '+7',
    '-7',
    '-0',
    ' 7',
    '7 ',
    '7.0',
    '7e3',
    '0x7',
    '7n',
    '1_000',
    '٣',
    '9223372036854775808',
    '18446744073709551615',
    '99999999999999999999',
    '1'.repeat(1000),
  ])('has no size of %j', (size) => {
    malformed(() => parseCheckpoint(at(size)));
  });

  it.each([
    ['nothing', ''],
    ['a line end', '\n'],
    ['one line', 'log\n'],
    ['two lines', 'log\n3\n'],
    ['a last line without end', at('3').slice(0, -1)],
    ['CRLF', at('3').replaceAll('\n', '\r\n')],
    ['an empty origin', `\n3\n${root64}\n`],
    ['an empty line first', `\n${at('3')}`],
    ['an empty line behind', `${at('3')}\n`],
    ['an empty line between extensions', `${at('3')}x\n\ny\n`],
    ['an empty line before the root', `log\n3\n\n${root64}\n`],
    ['a tab in the origin', `l\tog\n3\n${root64}\n`],
    ['an origin of 256 bytes', `${'ö'.repeat(128)}\n3\n${root64}\n`],
    ['a lone surrogate', `l\udc00og\n3\n${root64}\n`],
    ['a root of 31 bytes', `log\n3\n${encodeBase64(root.slice(1))}\n`],
    ['a root of 33 bytes', `log\n3\n${encodeBase64(new Uint8Array(33))}\n`],
    ['a root without padding', at('3').replace('=', '')],
    ['a root with unused bits', at('3').replace('c=', 'd=')],
    ['a root in hex', `log\n3\n${'07'.repeat(32)}\n`],
    ['a space behind the root', at('3').replace('=', '= ')],
  ])('is not %s', (_, text) => {
    malformed(() => parseCheckpoint(text));
  });

  it('has the unused bits that the row above sets', () => {
    expect(at('3')).toContain('c=\n');
  });

  it.each([
    ['an empty origin', { origin: '', size: 3n, root }],
    ['an origin of two lines', { origin: 'log\n9', size: 3n, root }],
    ['an origin of 256 bytes', { origin: 'o'.repeat(256), size: 3n, root }],
    ['a size below zero', { origin: 'log', size: -1n, root }],
    ['a size of 2^63', { origin: 'log', size: 2n ** 63n, root }],
    ['a root of 31 bytes', { origin: 'log', size: 3n, root: root.slice(1) }],
  ])('is not written for %s', (_, checkpoint) => {
    malformed(() => encodeCheckpoint(checkpoint));
  });

  it('gives back what was written', () => {
    const checkpoints = fc.record({
      origin: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      size: fc.bigInt(0n, 2n ** 63n - 1n),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    });
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        expect(parseCheckpoint(encodeCheckpoint(checkpoint))).toEqual({
          ...checkpoint,
          extensions: [],
        });
      }),
    );
  });
});
