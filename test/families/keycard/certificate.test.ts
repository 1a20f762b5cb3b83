import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { keyNumber } from '../../../src/families/key-number.ts';
import { issuerOf, parseCertificate } from '../../../src/families/keycard/certificate.ts';
import { bytes, ca, certificate, hash, identity, otherCa, ownCertificate } from './cards.ts';

const issuer = (shown: Uint8Array) => {
  const key = issuerOf(parseCertificate(shown));
  return key && toHex(key);
};

describe('a certificate', () => {
  it('leads to the key that signed it', () => {
    expect(parseCertificate(ownCertificate).key).toEqual(identity.publicKey);
    expect(issuer(ownCertificate)).toBe(toHex(ca.publicKey));
    expect(issuer(certificate(identity.publicKey, otherCa))).toBe(toHex(otherCa.publicKey));
  });

  it('of a recovery id of 0 to 3 may lead elsewhere, and of any other nowhere', () => {
    const own = ownCertificate.at(-1) ?? 9;
    for (let recovery = 0; recovery < 256; recovery += 1) {
      const found = issuer(ownCertificate.with(97, recovery));
      if (recovery > 3) expect(found).toBeUndefined();
      expect(found === toHex(ca.publicKey)).toBe(recovery === own);
    }
  });

  it('leads elsewhere with any byte of key or signature altered', () => {
    for (let offset = 0; offset < 97; offset += 1) {
      const altered = ownCertificate.with(offset, (ownCertificate[offset] ?? 0) ^ 0x01);
      let found: string | undefined;
      try {
        found = issuer(altered);
      } catch (error) {
        expect(error).toBeInstanceOf(EvidenceError);
      }
      expect(found).not.toBe(toHex(ca.publicKey));
    }
  });

  it.each([
    [
      'r of zero',
      concat(ownCertificate.subarray(0, 33), new Uint8Array(32), ownCertificate.subarray(65)),
    ],
    [
      's beyond the order',
      concat(ownCertificate.subarray(0, 65), new Uint8Array(32).fill(255), bytes(0)),
    ],
  ])('with %s leads nowhere', (_, altered) => {
    expect(issuer(altered)).toBeUndefined();
  });

  it.each([
    ['empty', bytes()],
    ['one byte less', ownCertificate.subarray(0, 97)],
    ['one byte more', concat(ownCertificate, bytes(0))],
    ['no point', concat(bytes(2), new Uint8Array(32).fill(255), ownCertificate.subarray(33))],
  ])('%s is none', (_, altered) => {
    expect(() => parseCertificate(altered)).toThrow(EvidenceError);
  });

  it('gives a number that is the hash of its key', () => {
    const digits = toHex(hash(identity.publicKey)).slice(0, 20).toUpperCase();
    expect(keyNumber(identity.publicKey)).toMatch(/^[0-9A-F]{4}(?:-[0-9A-F]{4}){4}$/);
    expect(keyNumber(identity.publicKey).replaceAll('-', '')).toBe(digits);
  });
});
