import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { type Checkpoint, parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import {
  cosignatureMessage,
  encodeCosignature,
  parseCosignature,
  subtreeMessage,
} from '../../src/tlog/cosignature.ts';
import { KeyType, parseKey } from '../../src/tlog/key.ts';
import { appendSignatures, parseNote, parseSignatures } from '../../src/tlog/note.ts';
import { verifyNoteSignature } from '../../src/tlog/verify.ts';
import { log7, mlDsa } from './given.ts';

const big = 2n ** 63n;

describe('Ed25519 cosignatures (type 4)', () => {
  const { text, signatures } = parseNote(log7.checkpoint);

  it('sign two lines before the whole text', () => {
    expect(cosignatureMessage(text, log7.time)).toEqual(
      utf8(
        'cosignature/v1\ntime 1767225600\nlog.example.org/activations\n7\n+pBzYk798um7gzSzhm00gdRwlqyPHywPThP98tOQWD4=\n',
      ),
    );
    expect(cosignatureMessage(`${text}extension\n`, 0n)).toEqual(
      utf8(`cosignature/v1\ntime 0\n${text}extension\n`),
    );
  });

  it('have time and signature in their payload', () => {
    const payload = signatures[1]?.payload ?? new Uint8Array();
    const cosignature = parseCosignature(KeyType.cosignature, payload);
    expect(cosignature?.time).toBe(log7.time);
    expect(cosignature?.signature).toEqual(payload.slice(8));
    expect(cosignature && encodeCosignature(cosignature)).toEqual(payload);
  });

  it('have 72 bytes', () => {
    for (const length of [0, 8, 64, 71, 73, 2428]) {
      expect(parseCosignature(KeyType.cosignature, new Uint8Array(length))).toBeUndefined();
    }
  });

  it('have a time of at most 2^63-1', () => {
    const payload = new Uint8Array(72).fill(0xff);
    expect(parseCosignature(KeyType.cosignature, payload)).toBeUndefined();
    payload[0] = 0x80;
    payload.fill(0, 1, 8);
    expect(parseCosignature(KeyType.cosignature, payload)).toBeUndefined();
    payload[0] = 0x7f;
    payload.fill(0xff, 1, 8);
    expect(parseCosignature(KeyType.cosignature, payload)?.time).toBe(big - 1n);
    for (const time of [-1n, big]) {
      expect(() => cosignatureMessage(text, time)).toThrow(RangeError);
      expect(() => encodeCosignature({ time, signature: payload })).toThrow(RangeError);
    }
  });
});

describe('ML-DSA-44 cosignatures (type 6)', () => {
  const key = parseKey(mlDsa.vkey);
  const { text } = parseNote(mlDsa.checkpoint);
  const checkpoint = parseCheckpoint(text);
  const time = BigInt(mlDsa.timestamp);
  const [signature] = parseSignatures(`${mlDsa.signature_line.trimEnd()}\n`);
  if (signature === undefined) throw new Error('no signature');

  it('sign the 120 bytes of the example', () => {
    const message = subtreeMessage(mlDsa.name, time, checkpoint);
    expect(message).toHaveLength(120);
    expect(toHex(message)).toBe(mlDsa.message_hex);
  });

  it('verify', () => {
    expect(verifyNoteSignature(key, text, signature)).toEqual({ time });
    const note = parseNote(
      appendSignatures(mlDsa.checkpoint, `${mlDsa.signature_line.trimEnd()}\n`),
    );
    expect(note.signatures).toHaveLength(3);
  });

  it('do not cover extension lines', () => {
    expect(verifyNoteSignature(key, `${text}extension\n`, signature)).toEqual({ time });
  });

  it.each([
    ['origin', text.replace('log.example.org', 'log.example.com')],
    ['origin, longer', text.replace('activations', 'activation5s')],
    ['size', text.replace('70000', '70001')],
    ['root', text.replace('l/xl', 'l/xm')],
    ['empty line', text.replace('\n', '\n\n')],
    ['end', text.slice(0, -1)],
  ])('refuse another %s', (_, altered) => {
    expect(altered).not.toBe(text);
    expect(verifyNoteSignature(key, altered, signature)).toBe(false);
  });

  it.each([0, 7, 8, 9, 100, 2340, 2427])('refuse byte %i of the payload altered', (at) => {
    const payload = signature.payload.slice();
    payload[at] = (payload[at] ?? 0) ^ 1;
    expect(verifyNoteSignature(key, text, { ...signature, payload })).toBe(false);
  });

  it('refuse the same key under another name, which the message holds', () => {
    const other = { ...key, name: 'witness.example.org/pq2' };
    expect(verifyNoteSignature(other, text, { ...signature, name: other.name })).toBe(false);
  });

  it('have 2428 bytes', () => {
    for (const length of [0, 8, 72, 2420, 2427, 2429]) {
      expect(parseCosignature(KeyType.mlDsa44, new Uint8Array(length))).toBeUndefined();
    }
    expect(parseCosignature(KeyType.mlDsa44, signature.payload)?.time).toBe(time);
  });

  it('write lengths and integers in their places', () => {
    const root = new Uint8Array(32).fill(0xaa);
    const message = subtreeMessage('ö', big - 1n, { origin: 'log', size: 258n, root });
    expect(toHex(message)).toBe(
      `${toHex(utf8('subtree/v1\n'))}00` +
        '02c3b6' +
        '7fffffffffffffff' +
        '036c6f67' +
        '0000000000000000' +
        '0000000000000102' +
        'aa'.repeat(32),
    );
    expect(message.slice(0, 12)).toEqual(fromHex('737562747265652f76310a00'));
  });

  const altered = (change: Partial<Checkpoint>) => ({ ...checkpoint, ...change });
  it.each([
    ['an empty name', () => subtreeMessage('', 0n, checkpoint)],
    ['a name of 256 bytes', () => subtreeMessage('ö'.repeat(128), 0n, checkpoint)],
    ['an empty origin', () => subtreeMessage('a', 0n, altered({ origin: '' }))],
    ['an origin of 256 bytes', () => subtreeMessage('a', 0n, altered({ origin: 'o'.repeat(256) }))],
    ['a time below zero', () => subtreeMessage('a', -1n, checkpoint)],
    ['a time of 2^63', () => subtreeMessage('a', big, checkpoint)],
    ['a size of 2^63', () => subtreeMessage('a', 0n, altered({ size: big }))],
    ['a root of 31 bytes', () => subtreeMessage('a', 0n, altered({ root: new Uint8Array(31) }))],
  ])('are not made for %s', (_, make) => {
    expect(make).toThrow(RangeError);
  });
});
