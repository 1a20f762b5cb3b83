/**
 * Numbers of the protocol that Satochip, SeedKeeper and Satodime share.
 * Sources: Toporin/SatochipApplet CardEdge.java (8cbaa1d), Toporin/Seedkeeper-Applet SeedKeeper.java
 * (2e59f06), Toporin/Satodime-Applet Satodime.java (81003bd), Toporin/pysatochip (6f3aa4e).
 */
import { utf8 } from '../../bytes/bytes.ts';
import type { PathProfile } from '../../trust/x509/path.ts';

export const products = ['satochip', 'seedkeeper', 'satodime'] as const;
export type Product = (typeof products)[number];

/** Application names: the products' own, in ASCII (pysatochip CardConnector.py). */
export const aids: Readonly<Record<Product, Uint8Array>> = {
  satochip: utf8('SatoChip'),
  seedkeeper: utf8('SeedKeeper'),
  satodime: utf8('SatoDime'),
};

export const displayNames: Readonly<Record<Product, string>> = {
  satochip: 'Satochip',
  seedkeeper: 'SeedKeeper',
  satodime: 'Satodime',
};

export const satochip = {
  familyId: 'satochip',
  cla: 0xb0,
  challengeLength: 32,
  /** What a card signs begins with these ten bytes. */
  challengePrefix: utf8('Challenge:'),
  coordinateLength: 32,
  /** An uncompressed secp256k1 point. */
  pointLength: 65,
  /** DER of two 32-byte numbers: 8 to 72 bytes. */
  minSignatureLength: 8,
  maxSignatureLength: 72,
  /** The maker's client reads certificates in pieces of this size. */
  chunkLength: 128,
  maxCertificateLength: 8192,
  minStatusLength: 8,
  /** 16 bytes in the newest applet known; later ones may add to them. */
  maxStatusLength: 32,
  /** UTF-8 bytes of a PIN: CheckPINPolicy in both applets. */
  minPinLength: 4,
  maxPinLength: 16,
  /**
   * Tries that a PIN has when all of the maker's apps set a card up (pysatochip satochip_cli.py,
   * pin_tries_0). The applet takes whatever number the app names.
   */
  usualTries: 5,
  /** UTF-8 bytes of a label. */
  maxLabelLength: 64,
  /** Slots of a Satodime; three unless its installer named another number. */
  maxSlots: 64,
} as const;

/** Instructions that exist here. None of them changes a card but for the tries of a wrong PIN. */
export const Ins = {
  status: 0x3c,
  label: 0x3d,
  verifyPin: 0x42,
  slots: 0x50,
  initChannel: 0x81,
  wrapped: 0x82,
  certificate: 0x93,
  publicKey: 0x98,
  challenge: 0x9a,
  secrets: 0xa7,
} as const;

/** How a factory reset stands in the log of a SeedKeeper. */
export const factoryReset = 0xff;

/** Status words: the SW_ constants of the applets. */
export const Status = {
  setupNotDone: 0x9c04,
  /** A PIN is needed. */
  unauthorized: 0x9c06,
  blocked: 0x9c0c,
  unknownInstruction: 0x6d00,
} as const;

/** Label of the challenge, as evidence derives it. */
export const challengeLabel = 'challenge';

/**
 * What is demanded of the maker's certificates. No certificate of a card was ever published, so of
 * the card's own nothing is demanded beyond its kind of key.
 */
export const pathProfile: PathProfile = {
  algorithms: ['ecdsa-SHA256', 'ecdsa-SHA384', 'ecdsa-SHA512'],
  leaf: { keys: ['secp256k1'] },
};
