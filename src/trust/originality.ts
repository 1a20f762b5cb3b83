/**
 * Originality signatures of memory tags: the chip's maker signed its UID once, in the factory, and the
 * tag hands that out to everybody (NXP AN11350 and others; STMicroelectronics TruST25).
 *
 *   signature   r and s, each as long as the curve's order: 32, 48 or 56 bytes
 *   message     the UID: as the number itself (NXP), or hashed with SHA-256 (ST, VivoKey)
 *
 * It shows that a chip with this UID was made, and no more: whoever has read it can write it onto a tag
 * whose UID can be chosen. So it never stands in for a challenge, and no card family rests on it.
 */
import { ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';

export type OriginalityCurve = 'secp128r1' | 'secp192r1' | 'secp224r1';

type CurveParameters = Readonly<Record<'p' | 'a' | 'b' | 'n' | 'h' | 'Gx' | 'Gy', bigint>>;

/** SEC 2: version 1.0 for secp128r1, which version 2.0 left out, and version 2.0 for the others. */
const curves: Readonly<Record<OriginalityCurve, CurveParameters>> = {
  secp128r1: {
    p: 0xfffffffdffffffffffffffffffffffffn,
    a: 0xfffffffdfffffffffffffffffffffffcn,
    b: 0xe87579c11079f43dd824993c2cee5ed3n,
    n: 0xfffffffe0000000075a30d1b9038a115n,
    h: 1n,
    Gx: 0x161ff7528b899b2d0c28607ca52c5b86n,
    Gy: 0xcf5ac8395bafeb13c02da292dded7a83n,
  },
  secp192r1: {
    p: 0xfffffffffffffffffffffffffffffffeffffffffffffffffn,
    a: 0xfffffffffffffffffffffffffffffffefffffffffffffffcn,
    b: 0x64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1n,
    n: 0xffffffffffffffffffffffff99def836146bc9b1b4d22831n,
    h: 1n,
    Gx: 0x188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012n,
    Gy: 0x07192b95ffc8da78631011ed6b24cdd573f977a11e794811n,
  },
  secp224r1: {
    p: 0xffffffffffffffffffffffffffffffff000000000000000000000001n,
    a: 0xfffffffffffffffffffffffffffffffefffffffffffffffffffffffen,
    b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
    n: 0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3dn,
    h: 1n,
    Gx: 0xb70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21n,
    Gy: 0xbd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34n,
  },
};

/** node:crypto knows these curves, but verifies nothing without hashing it. The hash is not used here. */
const verifiers = {
  secp128r1: ecdsa(weierstrass(curves.secp128r1), sha256),
  secp192r1: ecdsa(weierstrass(curves.secp192r1), sha256),
  secp224r1: ecdsa(weierstrass(curves.secp224r1), sha384),
} as const;

const orderBytes = { secp128r1: 16, secp192r1: 24, secp224r1: 28 } as const;

/**
 * Verifies an originality signature.
 *
 * @param key of the chip's maker: its curve, and the uncompressed point
 * @param uid 4 to 8 bytes, as the maker signs it (ISO/IEC 15693: reversed)
 * @param signature r followed by s
 * @returns false for a wrong signature, and for a UID, key or signature of another form
 */
export function verifyOriginality(
  key: {
    readonly curve: OriginalityCurve;
    readonly publicKey: Uint8Array;
    readonly hash: 'none' | 'sha256';
  },
  uid: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { curve, publicKey, hash } = key;
  const length = orderBytes[curve];
  if (uid.length < 4 || uid.length > 8 || signature.length !== 2 * length) return false;
  if (publicKey.length !== 1 + 2 * length || publicKey[0] !== 4) return false;
  const message = hash === 'none' ? uid : sha256(uid);
  try {
    return verifiers[curve].verify(signature, message, publicKey, { prehash: false, lowS: false });
  } catch {
    // noble throws for a point that is not on the curve, and for r or s out of range.
    return false;
  }
}
