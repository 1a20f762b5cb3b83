import { describe, expect, it } from 'vitest';
import {
  encodeAddCheckpoint,
  parseAddCheckpoint,
  parseSizeAnswer,
} from '../../src/log/add-checkpoint.ts';
import { maxSize } from '../../src/tlog/merkle.ts';
import { requestBody, testLog } from '../support/witnessing.ts';

const log = testLog();
const bytes = (text: string) => new TextEncoder().encode(text);

describe('the body of add-checkpoint', () => {
  it('is that of the specification, byte for byte', () => {
    const hash = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
    const proof = [
      hash('PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw='),
      hash('jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk='),
    ];
    const body = encodeAddCheckpoint({ oldSize: 20852014n, proof, note: 'note\n' });
    expect(new TextDecoder().decode(body)).toBe(
      'old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\nnote\n',
    );
  });

  it.each([
    [0n, 0],
    [1n, 1],
    [maxSize, 63],
  ])('with old %d and %d hashes is read back', (oldSize, count) => {
    const proof = Array.from({ length: count }, (_, n) => new Uint8Array(32).fill(n));
    const request = { oldSize, proof, note: log.note(5) };
    const body = encodeAddCheckpoint(request);
    expect(parseAddCheckpoint(body)).toEqual(request);
    expect(body).toEqual(bytes(requestBody(oldSize, proof, log.note(5))));
  });

  it('holds the note as it is, empty lines and all', () => {
    const note = 'a\n\nb\n\n— x y\n';
    const body = encodeAddCheckpoint({ oldSize: 0n, proof: [], note });
    expect(parseAddCheckpoint(body).note).toBe(note);
  });

  it.each([
    [-1n, 0, 32],
    [maxSize + 1n, 0, 32],
    [0n, 64, 32],
    [0n, 1, 31],
  ])('is not made of old %d and %d hashes of %d bytes', (oldSize, count, length) => {
    const proof = Array.from({ length: count }, () => new Uint8Array(length));
    expect(() => encodeAddCheckpoint({ oldSize, proof, note: '' })).toThrow(RangeError);
  });

  it('has 64 KiB at most', () => {
    const head = 'old 0\n\n';
    const longest = bytes(head + 'x'.repeat(65_536 - head.length));
    expect(parseAddCheckpoint(longest).note).toHaveLength(65_536 - head.length);
    expect(() => parseAddCheckpoint(bytes(`${head}${'x'.repeat(65_537 - head.length)}`))).toThrow(
      expect.objectContaining({ code: 'LOG_MALFORMED' }),
    );
  });
});

describe('a size as an answer', () => {
  it.each([
    ['0\n', 0n],
    ['20852014\n', 20852014n],
    [`${maxSize}\n`, maxSize],
  ])('%j', (text, size) => {
    expect(parseSizeAnswer(bytes(text))).toBe(size);
  });

  it.each([
    '',
    '\n',
    '7',
    '7\n\n',
    '7\r\n',
    ' 7\n',
    '7 \n',
    '07\n',
    '-7\n',
    '+7\n',
    '0x7\n',
    '7.0\n',
    '7e3\n',
    '٧\n',
    `${maxSize + 1n}\n`,
    `${'9'.repeat(1000)}\n`,
  ])('%j is none', (text) => {
    expect(() => parseSizeAnswer(bytes(text))).toThrow(
      expect.objectContaining({ code: 'LOG_MALFORMED' }),
    );
  });
});
