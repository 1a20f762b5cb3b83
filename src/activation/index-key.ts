/**
 * The name under which a log knows a card.
 *
 *   index key = SHA-256( "touchstone/card-index/v1" 00 SubjectPublicKeyInfo )
 *
 * over the DER of the card's own key, written in one way: a named curve (RFC 5480) with the uncompressed
 * point (SEC 1 section 2.3.3), Ed25519 as RFC 8410 says. A card under two index keys could be activated
 * twice unseen, so every other writing of a point is brought to that one or refused.
 *
 * A public key is 256 random bits: nobody finds a card in a log by trying. Whoever has read the card, or
 * holds its maker's list of keys, finds it there.
 *
 * Worked example (checked by a test): the base point of secp256k1 (SEC 2 section 2.4.1) as a key gives
 * 968b665fc6d7a5a7cefae6e068e92b494cedb4ddb80fb559ad83f1d69f88669b
 */
import { concat, utf8 } from '../bytes/bytes.ts';
import { fromHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';
import type { CardKey } from '../families/family.ts';
import { compressSecp256k1, parsePublicKey, uncompressSecp256k1 } from '../trust/signature.ts';

/** SubjectPublicKeyInfo up to an uncompressed point on secp256k1 (RFC 5480, SEC 2 OID 1.3.132.0.10). */
const secp256k1Header = fromHex('3056301006072a8648ce3d020106052b8104000a034200');

/** Ed25519: where the key begins in its SubjectPublicKeyInfo (RFC 8410 section 4). */
const ed25519Offset = 12;

/**
 * The index key of a card's key.
 *
 * @param key its point compressed (33 bytes) or uncompressed (65): both give the same
 * @returns 32 bytes; undefined for any other form (the hybrid one, for one) and a point off the curve
 */
export function cardIndexKey(key: Pick<CardKey, 'curve' | 'publicKey'>): Uint8Array | undefined {
  switch (key.curve) {
    case 'secp256k1': {
      const compressed = compressSecp256k1(key.publicKey);
      const point = compressed && uncompressSecp256k1(compressed);
      return point && spkiIndexKey(concat(secp256k1Header, point));
    }
  }
}

/**
 * The index key of a SubjectPublicKeyInfo, for families whose cards show one.
 *
 * @param spki DER; an elliptic curve by its name with the uncompressed point, or Ed25519
 * @returns 32 bytes; undefined for any other key or form: curves written out as parameters, compressed and
 *   hybrid points, points off their curve or of small order, an Ed25519 key that RFC 8032 does not decode
 */
export function spkiIndexKey(spki: Uint8Array): Uint8Array | undefined {
  const key = parsePublicKey(spki);
  if (key === undefined || key.algorithm === 'RSA') return undefined;
  if (key.algorithm === 'Ed25519' && !isReduced(spki.subarray(ed25519Offset))) return undefined;
  return sha256(utf8('touchstone/card-index/v1\0'), spki);
}

/**
 * True when the y of an Ed25519 key is below p = 2^255 - 19 (RFC 8032 section 5.1.3). OpenSSL also takes
 * y + p for y, where that fits into 255 bits: a second writing of the same key.
 */
function isReduced(key: Uint8Array): boolean {
  const y = key.with(31, (key[31] ?? 0) & 0x7f);
  const isTop = y.subarray(1, 31).every((byte) => byte === 0xff) && y[31] === 0x7f;
  return !isTop || (y[0] ?? 0) < 0xed;
}
