/**
 * Curves whose signatures are checked: SEC 2 for secp256k1, FIPS 186-4 section D.1.2 and SP 800-186
 * for P-256, P-384 and P-521, RFC 5639 section 3 for the brainpool curves. OIDs of named curves:
 * RFC 5480 section 2.1.1.1, SEC 2, RFC 5639 appendix A.
 *
 * Of edwards25519 (RFC 8032 section 5.1), whose signatures node:crypto checks alone, the points that
 * are no keys. The other curves here have no points of small order but infinity.
 */
import { fromHex, toHex } from '../bytes/hex.ts';

export type CurveName =
  | 'secp256k1'
  | 'P-256'
  | 'P-384'
  | 'P-521'
  | 'brainpoolP256r1'
  | 'brainpoolP384r1'
  | 'brainpoolP512r1';

export interface Curve {
  readonly name: CurveName;
  readonly oid: string;
  /** The order of the base point, big-endian: r and s are 1 to order - 1, written in its length. */
  readonly order: Uint8Array;
}

export const curves: Readonly<Record<CurveName, Curve>> = {
  secp256k1: {
    name: 'secp256k1',
    oid: '1.3.132.0.10',
    order: fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'),
  },
  'P-256': {
    name: 'P-256',
    oid: '1.2.840.10045.3.1.7',
    order: fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  },
  'P-384': {
    name: 'P-384',
    oid: '1.3.132.0.34',
    order: fromHex(
      'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf' +
        '581a0db248b0a77aecec196accc52973',
    ),
  },
  'P-521': {
    name: 'P-521',
    oid: '1.3.132.0.35',
    order: fromHex(
      '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa' +
        '51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
    ),
  },
  brainpoolP256r1: {
    name: 'brainpoolP256r1',
    oid: '1.3.36.3.3.2.8.1.1.7',
    order: fromHex('a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7'),
  },
  brainpoolP384r1: {
    name: 'brainpoolP384r1',
    oid: '1.3.36.3.3.2.8.1.1.11',
    order: fromHex(
      '8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7' +
        'cf3ab6af6b7fc3103b883202e9046565',
    ),
  },
  brainpoolP512r1: {
    name: 'brainpoolP512r1',
    oid: '1.3.36.3.3.2.8.1.1.13',
    order: fromHex(
      'aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870' +
        '553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069',
    ),
  },
};

/** The curve with the OID. */
export function curveOf(oid: string): Curve | undefined {
  return Object.values(curves).find((curve) => curve.oid === oid);
}

/**
 * The y of the eight points of edwards25519 whose order divides 8, little-endian, without the sign of
 * x: 0 (order 4), 1 (order 1), p - 1 (order 2), two of order 8; then 0 and 1 again as p and p + 1,
 * which RFC 8032 section 5.1.3 refuses to decode and OpenSSL does not. The others have no second form
 * in 255 bits. (K. Chalkias, F. Garillot, V. Nikolaenko, "Taming the many EdDSAs", 2020, lists them.)
 */
const smallOrderY = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

/**
 * True for an Ed25519 key of small order. Anybody can sign under it: with S = 0 and a fitting R the
 * equation of RFC 8032 section 5.1.7 holds for one message in eight or more, for all of them where
 * the key is the neutral point.
 *
 * @param key 32 bytes
 */
export function hasSmallOrder(key: Uint8Array): boolean {
  return smallOrderY.has(toHex(key.with(31, (key[31] ?? 0) & 0x7f)));
}
