/** Who a simulated card is: its chip, and for each applet its key and certificate. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { type ChipData, chipData } from '../card-manager.ts';
import { demoSeed, type KeyPair, keyPairFrom } from '../demo-keys.ts';
import type { Random } from '../simulation.ts';
import { issueDevice } from './certificates.ts';
import type { CertificateKind, Product, SatochipProfile } from './profile.ts';

/** The card whose certificate the copies carry. */
const copiedUnit = 'copied';
/** A chip that is on none of the cards. */
const elsewhere = 'elsewhere';

const oversizedBytes = 0xffff;

export interface AppletKeys {
  /** Signs challenges and the authentikey. */
  readonly signingKey: Uint8Array;
  /** Vouches for the channel. */
  readonly channelKey: Uint8Array;
  /** The key of the certificate: what a recording was made with. */
  readonly certifiedKey: Uint8Array;
  /** 65 bytes: what the card shows as its authentikey. */
  readonly shownKey: Uint8Array;
  /** 65 bytes: what command 98 gives. */
  readonly exportedKey: Uint8Array;
  /** DER; empty when there is none. */
  readonly certificate: Uint8Array;
  /** 4 bytes: where the counter of a Satodime stands. */
  readonly unlockCounter: Uint8Array;
}

export interface Identity {
  /** What the card manager tells. */
  readonly chip: ChipData;
  readonly applets: ReadonlyMap<Product, AppletKeys>;
}

/**
 * Picks everything that differs from card to card.
 *
 * @param unit names one physical card; left out, its keys and its chip come from `random`
 */
export function makeIdentity(profile: SatochipProfile, random: Random, unit?: string): Identity {
  const seed = unit === undefined ? random(32) : demoSeed('satochip', `card/${unit}`);
  const ownChip = chipData('satochip', unit ?? toHex(seed));
  const isCopy = profile.certificate === 'copied';
  const chip = isCopy ? chipData('satochip', copiedUnit) : ownChip;
  return {
    chip: profile.hidesChip === true ? new Map() : chip,
    applets: new Map(
      profile.applets.map(({ product }) => [product, makeKeys(profile, product, seed, chip)]),
    ),
  };
}

function makeKeys(
  { certificate = 'own', fault }: SatochipProfile,
  product: Product,
  seed: Uint8Array,
  chip: ChipData,
): AppletKeys {
  const own = keyOf(seed, product);
  const other = keyPairFrom(derive(seed, 'other key'));
  const certified =
    certificate === 'copied' ? keyOf(demoSeed('satochip', `card/${copiedUnit}`), product) : own;
  const exported = fault?.kind === 'foreign-authentikey' ? other : certified;
  return {
    signingKey: own.privateKey,
    channelKey: fault?.kind === 'channel-liar' ? other.privateKey : own.privateKey,
    certifiedKey: certified.privateKey,
    shownKey: uncompressed(certified),
    exportedKey: uncompressed(exported),
    certificate: makeCertificate(certificate, product, certified, chip),
    unlockCounter: derive(seed, 'unlock counter').subarray(0, 4),
  };
}

function makeCertificate(
  kind: CertificateKind,
  product: Product,
  { publicKey }: KeyPair,
  chip: ChipData,
): Uint8Array {
  if (kind === 'none') return new Uint8Array();
  const issued = issueDevice({
    product: kind === 'for-seedkeeper' ? 'seedkeeper' : product,
    issuer: kind === 'foreign' ? 'foreign' : 'demo',
    publicKey,
    chip: kind === 'other-chip' ? chipData('satochip', elsewhere) : chip,
    isExpired: kind === 'expired',
    isAuthority: kind === 'authority',
  });
  return kind === 'oversized'
    ? concat(issued, new Uint8Array(oversizedBytes - issued.length))
    : issued;
}

/** The key that an applet makes when it is installed. */
function keyOf(seed: Uint8Array, product: Product): KeyPair {
  return keyPairFrom(derive(seed, `authentikey/${product}`));
}

function uncompressed({ publicKey }: KeyPair): Uint8Array {
  return secp256k1.Point.fromBytes(publicKey).toBytes(false);
}

function derive(seed: Uint8Array, label: string): Uint8Array {
  return sha256(concat(seed, utf8(label)));
}
