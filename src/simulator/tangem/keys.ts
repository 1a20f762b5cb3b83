/** Who a simulated card is: its keys, its ID, and the keys of the cards linked to it. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import { demoSeed, type KeyPair, keyPairFrom, tangemDemo } from '../demo-keys.ts';
import type { Random } from '../simulation.ts';
import { makeCardId } from './card-id.ts';
import { holdsKey, isAtLeast, type SetRole, type TangemProfile, walletAt } from './profile.ts';
import { publishedCardIdHex, publishedCardIdSignature, publishedIssuerKey } from './published.ts';
import { sign } from './signatures.ts';

/** The unit whose identity the case "copied-id" shows. */
const copiedUnit = 'copied';

/** The order in which cards of a set name each other. Real cards' order is not documented. */
const setRoles: readonly SetRole[] = ['primary', 'backup-1', 'backup-2'];

export interface WalletKeys {
  /** secp256k1 in the card's encoding, or 32 bytes for ed25519. */
  readonly publicKey: Uint8Array;
  /** 32 bytes. */
  readonly chainCode: Uint8Array;
  readonly curve: 'secp256k1' | 'ed25519';
}

export interface TangemKeys {
  /** 8 bytes. */
  readonly cardId: Uint8Array;
  /** 7 bytes, as anticollision gives it. */
  readonly uid: Uint8Array;
  /** What READ shows, in the card's encoding. */
  readonly shownKey: Uint8Array;
  /** 32-byte key that signs for the card. */
  readonly signingKey: Uint8Array;
  /** Public keys of the other cards of the set, in the card's encoding. */
  readonly linkedKeys: readonly Uint8Array[];
  /** In the card's encoding. */
  readonly issuerKey: Uint8Array;
  /** 64 bytes; undefined where cards carry none. */
  readonly cardIdSignature: Uint8Array | undefined;
  /** Keys by slot, only of slots that hold one. */
  readonly wallets: ReadonlyMap<number, WalletKeys>;
  /** Key pair and chain code of the card's master secret, COS 8. */
  readonly master: WalletKeys;
  /** The signatures of the maker have a high S for one half of all cards. */
  readonly makersS: 'low' | 'high';
}

/**
 * Picks everything that differs from card to card.
 *
 * @param unit name of one physical card, or of one set; left out, its keys come from `random`
 */
export function makeKeys(profile: TangemProfile, random: Random, unit?: string): TangemKeys {
  const seed = unit === undefined ? random(32) : demoSeed('tangem', `card/${unit}`);
  const role = profile.role ?? 'primary';
  const encode = encoderFor(profile);
  const shown = cardKey(seed, profile, role);
  const signer =
    profile.fault?.kind === 'lying-key' ? keyPairFrom(derive(seed, 'other key')) : shown;
  return {
    ...makeIdentity(profile, seed, role),
    uid: concat(Uint8Array.of(0x04), derive(seed, `uid/${role}`).subarray(0, 6)),
    shownKey: encode(shown.publicKey),
    signingKey: signer.privateKey,
    linkedKeys: linkedRoles(profile, role).map((other) =>
      encode(cardKey(seed, profile, other).publicKey),
    ),
    wallets: makeWallets(profile, seed),
    master: makeWallet(profile, seed, 'master', 'secp256k1'),
    makersS: (seed[31] ?? 0) % 2 === 1 ? 'high' : 'low',
  };
}

/** 33 bytes from COS 4.39 on, 65 before: seen up to 4.12 and from 4.39, between them a guess. */
export function encoderFor({ model }: TangemProfile): (publicKey: Uint8Array) => Uint8Array {
  return isAtLeast(model.firmware, '4.39') ? (key) => key : uncompressed;
}

function uncompressed(publicKey: Uint8Array): Uint8Array {
  return secp256k1.Point.fromBytes(publicKey).toBytes(false);
}

function derive(seed: Uint8Array, label: string): Uint8Array {
  return sha256(concat(seed, utf8(label)));
}

/** A card that copies the identity of another one still has a key of its own. */
function cardKey(seed: Uint8Array, profile: TangemProfile, role: SetRole): KeyPair {
  const owner = (profile.identity ?? 'own') === 'own' ? role : 'copy';
  return keyPairFrom(derive(seed, `card/${owner}`));
}

/** The cards that this one is really linked to, whatever it reports. */
function linkedRoles(profile: TangemProfile, role: SetRole): readonly SetRole[] {
  const count = profile.fault?.kind === 'hidden-backup' ? 2 : (profile.backup?.count ?? 0);
  return setRoles.filter((other) => other !== role).slice(0, count);
}

function makeIdentity(profile: TangemProfile, seed: Uint8Array, role: SetRole) {
  const encode = encoderFor(profile);
  if (profile.identity === 'published') {
    return {
      cardId: fromHex(publishedCardIdHex),
      cardIdSignature: publishedCardIdSignature,
      issuerKey: publishedIssuerKey,
    };
  }
  const source = profile.identity === 'copied' ? demoSeed('tangem', `card/${copiedUnit}`) : seed;
  const cardId = fromHex(makeCardId(profile.model.series, derive(source, `id/${role}`)));
  const { idSigner, issuer, foreignManufacturer, foreignIssuer } = tangemDemo;
  const [signer, signingIssuer] =
    profile.issuer === 'foreign' ? [foreignManufacturer, foreignIssuer] : [idSigner, issuer];
  return {
    cardId,
    cardIdSignature: profile.model.signsCardId ? sign(cardId, signer.privateKey) : undefined,
    issuerKey: encode(signingIssuer.publicKey),
  };
}

/** Wallets of a set are copies of each other, so they do not depend on the role. */
function makeWallets(profile: TangemProfile, seed: Uint8Array): Map<number, WalletKeys> {
  const wallets = new Map<number, WalletKeys>();
  for (let slot = 0; slot < profile.model.slots; slot += 1) {
    if (!holdsKey(walletAt(profile, slot))) continue;
    const curve = slot % 2 === 0 ? 'secp256k1' : 'ed25519';
    wallets.set(slot, makeWallet(profile, seed, `wallet/${slot}`, curve));
  }
  return wallets;
}

function makeWallet(
  profile: TangemProfile,
  seed: Uint8Array,
  label: string,
  curve: WalletKeys['curve'],
): WalletKeys {
  const secret = derive(seed, label);
  return {
    curve,
    publicKey:
      curve === 'ed25519'
        ? ed25519.getPublicKey(secret)
        : encoderFor(profile)(keyPairFrom(secret).publicKey),
    chainCode: derive(seed, `${label}/chain`),
  };
}
