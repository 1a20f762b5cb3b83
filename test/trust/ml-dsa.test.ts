import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { subtreeMessage } from '../../src/tlog/cosignature.ts';
import { parseCheckpoint, parseKey, parseNote, parseSignatures } from '../../src/tlog/index.ts';
import { verifyMlDsa44 } from '../../src/trust/ml-dsa.ts';
import { mlDsa, mlDsaLog } from '../tlog/given.ts';

const { publicKey } = parseKey(mlDsa.vkey);
const message = fromHex(mlDsa.message_hex);
const signature = (
  parseSignatures(`${mlDsa.signature_line.trimEnd()}\n`)[0]?.payload ?? new Uint8Array()
).slice(8);

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

const spread = (length: number) =>
  [0, 1, 7, 31, 32, 33, 600, 1311, 2335, 2336, 2400, 2416, 2419].filter((at) => at < length);

describe('ML-DSA-44', () => {
  it('holds for a signature that OpenSSL verified as well', () => {
    expect(publicKey).toHaveLength(1312);
    expect(signature).toHaveLength(2420);
    expect(verifyMlDsa44(publicKey, message, signature)).toBe(true);
  });

  it('holds for a signature that the Go implementation made', () => {
    const key = parseKey(mlDsaLog.vkey);
    const note = parseNote(mlDsaLog.note);
    const signed = subtreeMessage(key.name, 0n, parseCheckpoint(note.text));
    const made = note.signatures[0]?.payload.slice(8) ?? new Uint8Array();
    expect(verifyMlDsa44(key.publicKey, signed, made)).toBe(true);
    expect(verifyMlDsa44(key.publicKey, flipped(signed, 20), made)).toBe(false);
    expect(verifyMlDsa44(publicKey, signed, made)).toBe(false);
  });

  it.each(spread(2420))('refuses the signature with byte %i altered', (at) => {
    expect(verifyMlDsa44(publicKey, message, flipped(signature, at))).toBe(false);
  });

  it.each(spread(1312))('refuses the key with byte %i altered', (at) => {
    expect(verifyMlDsa44(flipped(publicKey, at), message, signature)).toBe(false);
  });

  it.each([0, 11, 12, 40, 119])('refuses the message with byte %i altered', (at) => {
    expect(verifyMlDsa44(publicKey, flipped(message, at), signature)).toBe(false);
  });

  it('refuses other lengths', () => {
    const longer = (bytes: Uint8Array) => new Uint8Array([...bytes, 0]);
    expect(verifyMlDsa44(publicKey, message, signature.slice(1))).toBe(false);
    expect(verifyMlDsa44(publicKey, message, longer(signature))).toBe(false);
    expect(verifyMlDsa44(publicKey, message, new Uint8Array())).toBe(false);
    expect(verifyMlDsa44(publicKey.slice(1), message, signature)).toBe(false);
    expect(verifyMlDsa44(longer(publicKey), message, signature)).toBe(false);
    expect(verifyMlDsa44(publicKey, message.slice(1), signature)).toBe(false);
  });

  it.each([0, 0x55, 0xff])('refuses bytes %i for all of the signature, and of the key', (byte) => {
    expect(verifyMlDsa44(publicKey, message, new Uint8Array(2420).fill(byte))).toBe(false);
    expect(verifyMlDsa44(new Uint8Array(1312).fill(byte), message, signature)).toBe(false);
  });

  it('refuses a signature with a context', () => {
    const { secretKey } = ml_dsa44.keygen(fromHex(mlDsa.seed));
    const plain = ml_dsa44.sign(message, secretKey);
    const inContext = ml_dsa44.sign(message, secretKey, { context: utf8('subtree/v1') });
    expect(verifyMlDsa44(publicKey, message, plain)).toBe(true);
    expect(verifyMlDsa44(publicKey, message, inContext)).toBe(false);
  });
});
