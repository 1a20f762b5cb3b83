/**
 * Keys of the simulated makers. None is secret: each comes from a public label, so that anybody
 * can compute it, and nobody can mistake it for a real one.
 *
 *   seed = SHA-256("touchstone/demo/" family "/" role)
 *   key  = (seed as big-endian number mod (n - 1)) + 1      n = order of secp256k1
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '../bytes/bytes.ts';

/** A secp256k1 key pair: 32-byte scalar and 33-byte compressed point. */
export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** 32 bytes from a public label. */
export function demoSeed(family: string, role: string): Uint8Array {
  return sha256(utf8(`touchstone/demo/${family}/${role}`));
}

/** The secp256k1 key pair that belongs to 32 seed bytes; any seed is valid. */
export function keyPairFrom(seed: Uint8Array): KeyPair {
  const { Fn } = secp256k1.Point;
  const number = seed.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const privateKey = Fn.toBytes((number % (Fn.ORDER - 1n)) + 1n);
  return { privateKey, publicKey: secp256k1.getPublicKey(privateKey, true) };
}

function demoKey(family: string, role: string): KeyPair {
  return keyPairFrom(demoSeed(family, role));
}

/** The demo maker of Coinkite tap cards, and an impostor with a root of its own. */
export const coinkiteTapDemo = {
  root: demoKey('coinkite-tap', 'root'),
  batch: demoKey('coinkite-tap', 'batch'),
  fakeRoot: demoKey('coinkite-tap', 'fake-root'),
  fakeBatch: demoKey('coinkite-tap', 'fake-batch'),
} as const;

/**
 * The demo maker of Tangem cards, and an impostor with keys of its own: the manufacturer signs the
 * issuer's key, the issuer signs card keys, a second key of the manufacturer signs card IDs.
 */
export const tangemDemo = {
  manufacturer: demoKey('tangem', 'manufacturer'),
  idSigner: demoKey('tangem', 'id-signer'),
  issuer: demoKey('tangem', 'issuer'),
  foreignManufacturer: demoKey('tangem', 'foreign-manufacturer'),
  foreignIssuer: demoKey('tangem', 'foreign-issuer'),
} as const;

/** The demo maker of Keycards, and an impostor with a CA of its own. */
export const keycardDemo = {
  ca: demoKey('keycard', 'ca'),
  foreignCa: demoKey('keycard', 'foreign-ca'),
} as const;

/**
 * The demo maker of Satochip, SeedKeeper and Satodime, and an impostor with keys of its own. A root
 * is a P-384 key, made from its seed by the rule above with the order of that curve; the others
 * sign the certificates of one product each.
 */
export const satochipDemo = {
  rootSeed: demoSeed('satochip', 'root'),
  satochip: demoKey('satochip', 'sub-ca/satochip'),
  seedkeeper: demoKey('satochip', 'sub-ca/seedkeeper'),
  satodime: demoKey('satochip', 'sub-ca/satodime'),
  foreign: {
    rootSeed: demoSeed('satochip', 'foreign-root'),
    satochip: demoKey('satochip', 'foreign-sub-ca/satochip'),
    seedkeeper: demoKey('satochip', 'foreign-sub-ca/seedkeeper'),
    satodime: demoKey('satochip', 'foreign-sub-ca/satodime'),
  },
} as const;
