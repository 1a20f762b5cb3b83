import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { createOwner, encodeOwner, parseOwner } from '../../src/activation/owner.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';

/** RFC 8032 section 7.1, test 2. */
const seed = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
const publicKey = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const signature =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';

describe('an owner', () => {
  it('signs as RFC 8032 says', () => {
    const owner = createOwner(seed);
    expect(toHex(owner.publicKey)).toBe(publicKey);
    expect(toHex(owner.sign(Uint8Array.of(0x72)))).toBe(signature);
    expect(owner.hashHex).toBe(
      createHash('sha256').update(Buffer.from(publicKey, 'hex')).digest('hex'),
    );
  });

  it('signatures verify by OpenSSL, and not over another message', () => {
    const owner = createOwner(new Uint8Array(32).fill(7));
    const der = Buffer.from(`302a300506032b6570032100${toHex(owner.publicKey)}`, 'hex');
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const made = owner.sign(Uint8Array.of(1, 2, 3));
    expect(verify(null, Uint8Array.of(1, 2, 3), key, made)).toBe(true);
    expect(verify(null, Uint8Array.of(1, 2, 4), key, made)).toBe(false);
  });

  test.each([0, 31, 33, 64])('a seed of %i bytes is refused', (length) => {
    expect(() => createOwner(new Uint8Array(length))).toThrow(RangeError);
    expect(() => encodeOwner(new Uint8Array(length))).toThrow(RangeError);
  });
});

describe('the text of an owner', () => {
  const text = encodeOwner(seed);

  it('has this form, and is read back', () => {
    expect(text).toBe(`touchstone.owner/1\nsecret ${toHex(seed)}\npublic ${publicKey}\n`);
    expect(parseOwner(text)?.hashHex).toBe(createOwner(seed).hashHex);
    expect(toHex(parseOwner(text)?.sign(Uint8Array.of(0x72)) ?? new Uint8Array())).toBe(signature);
  });

  test.each([
    ['nothing', ''],
    ['a part of it', text.slice(0, -1)],
    ['another version', text.replace('/1', '/2')],
    ['a line after it', `${text}\n`],
    ['something before it', ` ${text}`],
    ['ends of lines of Windows', text.replaceAll('\n', '\r\n')],
    ['capitals', text.replace(publicKey, publicKey.toUpperCase())],
    ['a digit of the seed altered', text.replace('secret 4c', 'secret 4d')],
    ['a digit of the key altered', text.replace('public 3d', 'public 3e')],
    ['a digit less', text.replace('secret 4c', 'secret c')],
    ['no hex', text.replace('secret 4c', 'secret 4g')],
    ['zeros', '\0'.repeat(158)],
  ])('%s is refused', (_name, altered) => {
    expect(altered).not.toBe(text);
    expect(parseOwner(altered)).toBeUndefined();
  });
});
