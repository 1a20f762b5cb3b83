/** Who a simulated Keycard is: its identity, and everything else that differs from card to card. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../bytes/bytes.ts';
import { demoSeed, type KeyPair, keycardDemo, keyPairFrom } from '../demo-keys.ts';
import type { Random } from '../simulation.ts';
import type { KeycardProfile } from './profile.ts';
import { testSuiteCa } from './published.ts';
import { certificateBytes, certify } from './signatures.ts';

export interface KeycardKeys {
  /** 98 bytes; undefined when the factory loaded none. */
  readonly certificate: Uint8Array | undefined;
  /** What the identification applet shows: the same, unless the card contradicts itself. */
  readonly identCertificate: Uint8Array | undefined;
  /** 32-byte key that signs for the card. */
  readonly signingKey: Uint8Array;
  /** Key of the secure channel before 4.0, 65 bytes; another one after every INIT. */
  readonly channelKey: Uint8Array;
  /** Key of the cash applet, 65 bytes. */
  readonly cashKey: Uint8Array;
  /** 16 bytes. */
  readonly instanceUid: Uint8Array;
  /** 32 bytes with a key loaded, empty without. */
  readonly keyUid: Uint8Array;
}

/**
 * Picks everything that differs from card to card.
 *
 * @param unit name of one physical card; left out, its keys come from `random`
 */
export function makeKeys(profile: KeycardProfile, random: Random, unit?: string): KeycardKeys {
  const seed = unit === undefined ? random(32) : demoSeed('keycard', `card/${unit}`);
  const { fault } = profile;
  const identity = derivePair(seed, 'identity');
  const other = derivePair(seed, 'other identity');
  const certificate = makeCertificate(identity.publicKey, profile);
  return {
    certificate,
    identCertificate:
      fault?.kind === 'two-certificates' ? makeCertificate(other.publicKey, profile) : certificate,
    signingKey: fault?.kind === 'wrong-key' ? other.privateKey : identity.privateKey,
    channelKey: uncompressed(derivePair(seed, `channel/${profile.state}`)),
    cashKey: uncompressed(derivePair(seed, 'cash')),
    instanceUid: derive(seed, 'instance').subarray(0, 16),
    keyUid:
      profile.state === 'loaded'
        ? sha256(uncompressed(derivePair(seed, 'master')))
        : new Uint8Array(),
  };
}

function makeCertificate(cardKey: Uint8Array, profile: KeycardProfile): Uint8Array | undefined {
  const ca = caOf(profile);
  if (ca === undefined) return undefined;
  const certificate = certify(cardKey, ca);
  if (profile.fault?.kind !== 'bad-certificate') return certificate;
  // In the middle of S: still a possible signature, by nobody.
  return certificate.map((byte, i) => (i === certificateBytes - 17 ? byte ^ 1 : byte));
}

function caOf({ issuer = 'demo' }: KeycardProfile): KeyPair | undefined {
  switch (issuer) {
    case 'demo':
      return keycardDemo.ca;
    case 'foreign':
      return keycardDemo.foreignCa;
    case 'test-suite':
      return testSuiteCa;
    case 'none':
      return undefined;
  }
}

function derive(seed: Uint8Array, label: string): Uint8Array {
  return sha256(concat(seed, utf8(label)));
}

function derivePair(seed: Uint8Array, label: string): KeyPair {
  return keyPairFrom(derive(seed, label));
}

/** 65 bytes. */
export function uncompressed({ privateKey }: KeyPair): Uint8Array {
  return secp256k1.getPublicKey(privateKey, false);
}
