/** The keys inside a simulated card, and the chain that vouches for them. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bech32 } from '@scure/base';
import { concat, utf8 } from '../../bytes/bytes.ts';
import { coinkiteTapDemo, demoSeed, type KeyPair, keyPairFrom } from '../demo-keys.ts';
import type { Random } from '../simulation.ts';
import type { TapProfile } from './profile.ts';
import { signRecoverable } from './signatures.ts';

/** One SATSCARD slot that holds a key. The payment key is the BIP-32 child m/0 of the master. */
export interface SlotKeys {
  readonly master: KeyPair;
  /** 32 bytes. */
  readonly chainCode: Uint8Array;
  readonly payment: KeyPair;
  /** Native segwit address (BIP-173) of the payment key on mainnet. */
  readonly address: string;
}

export interface TapKeys {
  /** What `status` shows as `pubkey`, 33 bytes. */
  readonly shownPublicKey: Uint8Array;
  /** 32-byte key that signs for the card. */
  readonly signingKey: Uint8Array;
  /** 65-byte signatures, batch first, root last. */
  readonly certChain: readonly Uint8Array[];
  /** Slots from 0 up to the newest that holds a key; empty for TAPSIGNER and SATSCHIP. */
  readonly slots: readonly SlotKeys[];
}

/**
 * Picks all keys of a card, as the factory and the applet would.
 *
 * @param unit name of one physical card; left out, its keys come from `random`
 */
export function makeKeys(profile: TapProfile, random: Random, unit?: string): TapKeys {
  const seed = unit === undefined ? random(32) : demoSeed('coinkite-tap', `card/${unit}`);
  const card = keyPairFrom(sha256(concat(seed, utf8('card'))));
  const signer =
    profile.fault?.kind === 'wrong-key' ? keyPairFrom(sha256(concat(seed, utf8('other')))) : card;
  return {
    shownPublicKey: card.publicKey,
    signingKey: signer.privateKey,
    certChain: makeChain(card.publicKey, profile.issuer ?? 'demo'),
    slots: Array.from({ length: usedSlots(profile) }, (_, slot) =>
      makeSlot(sha256(concat(seed, utf8(`slot/${slot}`))), profile.birth),
    ),
  };
}

/** The batch key signs the card's key, the root signs the batch key; both as compressed points. */
function makeChain(cardKey: Uint8Array, issuer: 'demo' | 'foreign'): Uint8Array[] {
  const { root, batch, fakeRoot, fakeBatch } = coinkiteTapDemo;
  const [top, middle] = issuer === 'demo' ? [root, batch] : [fakeRoot, fakeBatch];
  return [
    signRecoverable(cardKey, middle.privateKey),
    signRecoverable(middle.publicKey, top.privateKey),
  ];
}

function usedSlots(profile: TapProfile): number {
  if (profile.product !== 'satscard') return 0;
  return profile.activeSlot + (profile.sealed ? 1 : 0);
}

/**
 * The factory takes the hash of the birth block as chain code of slot 0, and a later slot keeps
 * the previous chain code when the app gives none. Here a hash of the height stands in for it.
 */
function makeSlot(seed: Uint8Array, birth: number): SlotKeys {
  const master = keyPairFrom(seed);
  const chainCode = demoSeed('coinkite-tap', `block/${birth}`);
  const payment = deriveFirstChild(master, chainCode);
  return { master, chainCode, payment, address: paymentAddress(payment.publicKey) };
}

/** BIP-32 CKDpriv for the unhardened index 0. */
function deriveFirstChild(master: KeyPair, chainCode: Uint8Array): KeyPair {
  const { Fn } = secp256k1.Point;
  const mixed = hmac(sha512, chainCode, concat(master.publicKey, new Uint8Array(4)));
  // fromBytes refuses a left half beyond the order (BIP-32: invalid child, 1 in 2^127).
  const tweak = Fn.fromBytes(mixed.subarray(0, 32));
  const privateKey = Fn.toBytes(Fn.add(tweak, Fn.fromBytes(master.privateKey)));
  return { privateKey, publicKey: secp256k1.getPublicKey(privateKey, true) };
}

/** P2WPKH, witness version 0 (BIP-141, BIP-173). */
function paymentAddress(publicKey: Uint8Array): string {
  return bech32.encode('bc', [0, ...bech32.toWords(ripemd160(sha256(publicKey)))]);
}
