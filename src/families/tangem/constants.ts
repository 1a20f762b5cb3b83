/**
 * Numbers of the Tangem card protocol.
 * Sources: tangem/tangem-sdk-ios at 54812ee3 (Common/APDU/Instruction.swift, StatusWord.swift,
 * Common/TLV/TlvTag.swift) and tangem/tangem-sdk-android at d0e2f35b, unless a line says otherwise.
 */
import { utf8 } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/sha256.ts';

export const tangem = {
  familyId: 'tangem',
  aid: fromHex('a000000812010208'),
  cla: 0x00,
  challengeLength: 16,
  /**
   * Of every salt seen on a real card: 21 answers of COS 1.19 to 2.14. That later versions keep it is
   * not confirmed; an answer with another length is not read as a proof.
   */
  saltLength: 16,
  signatureLength: 64,
  cardIdLength: 8,
  /** Stands between salt and linked keys in a full attestation. */
  linkedCardsMarker: utf8('BACKUP_CARDS'),
  /** A primary card and its backups; the maker's app links two. */
  maxLinkedCards: 8,
  /** Wallet slots of one card; cards with 1 to 20 are known. */
  maxWallets: 255,
  /** Pages of the wallet list; each holds at least one slot. */
  maxPages: 255,
  /**
   * Answers "not yet, ask again" in one conversation. A security delay lasts up to 45 seconds, and
   * a card says so about once a second or more often.
   */
  maxPauses: 300,
  /** Longest answer that is read; a page of wallets is far shorter. */
  maxAnswerBytes: 16_384,
} as const;

export const Ins = {
  select: 0xa4,
  read: 0xf2,
  attestCardKey: 0xf3,
  authorize: 0xd3,
  openSession: 0xff,
} as const;

/** READ, tag 23 (Operations/Read/ReadMode.swift). */
export const ReadMode = { card: 1, walletsList: 3 } as const;

export const Tag = {
  cardId: 0x01,
  status: 0x02,
  cardPublicKey: 0x03,
  cardSignature: 0x04,
  curve: 0x05,
  maxSignatures: 0x08,
  uid: 0x0b,
  cardData: 0x0c,
  health: 0x0f,
  pin: 0x10,
  challenge: 0x16,
  salt: 0x17,
  sessionKeyA: 0x1a,
  sessionKeyB: 0x1b,
  pause: 0x1c,
  interactionMode: 0x23,
  issuerDataPublicKey: 0x30,
  needsActivation: 0x3a,
  backupHash: 0x42,
  passcodeIsDefault: 0x59,
  accessCodeIsDefault: 0x5a,
  walletPublicKey: 0x60,
  walletSignature: 0x61,
  remainingSignatures: 0x62,
  signedHashes: 0x63,
  walletIndex: 0x65,
  walletsCount: 0x66,
  wallet: 0x68,
  firmware: 0x80,
  batch: 0x81,
  manufactureDate: 0x82,
  issuerName: 0x83,
  manufacturerPublicKey: 0x85,
  cardIdSignature: 0x86,
  backupStatus: 0xd0,
  backupCount: 0xd1,
  linkedCardPublicKey: 0xd6,
} as const;

/** Status words beyond ISO/IEC 7816-4 that decide how a conversation goes on. */
export const Status = {
  /** 9001 to 9007: done, and the codes were changed; never seen in answer to what we send. */
  lastOk: 0x9007,
  /** Security delay: send the same command again. */
  pause: 0x9789,
  encryptionNeeded: 0x6982,
  /** To READ: the access code is wrong or missing. */
  invalidParams: 0x6a86,
  accessCodeNeeded: 0x6af1,
  /** From COS 8 on: the channel does not allow this. */
  accessDenied: 0x6af3,
} as const;

/** Every card leaves the factory with this access code: it is no secret. */
export const defaultCodeHash = sha256(utf8('000000'));

/** COS versions at which something changes (FirmwareVersion.swift, FirmwareVersion.kt). */
export const since = {
  /** Wallets are listed apart from the card. */
  walletsList: [4, 0],
  /** The card says whether its passcode is the default. */
  passcodeFlag: [4, 1],
  /** The card says whether its access code is the default. */
  accessCodeFlag: [4, 33],
  /** A default access code is left out of commands other than READ. */
  codeOptional: [4, 34],
  /** A card can be reset by its owner. */
  reset: [4, 39],
  /** ATTEST CARD KEY lists the other cards of the set. */
  fullAttestation: [6, 21],
  /** The secure channel with AES-CCM. */
  ccmChannel: [8, 0],
} as const satisfies Record<string, readonly [number, number]>;

/** Kinds of attachments that this family reads. */
export const attachmentKind = {
  /** By the issuer's data key over the card key. */
  issuerSignature: 'tangem-issuer-signature',
  /** By the maker over the issuer's data key. */
  manufacturerSignature: 'tangem-manufacturer-signature',
  /** Why the maker's server gave neither. */
  refusal: 'tangem-refusal',
} as const;

/** Label of the one challenge. */
export const challengeLabel = 'attest';
