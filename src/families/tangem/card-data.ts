/**
 * The answer to READ of the card: everything the card says about itself. Nothing in it is signed,
 * but for the card ID (tag 86 inside 0C).
 * Sources: tangem-sdk-ios Common/Deserialization/CardDeserializer.swift, Common/Card/CardSettings.swift.
 */
import { EvidenceError } from '../../errors/error.ts';
import { compressSecp256k1, type Statement } from '../../trust/signature.ts';
import { Tag, tangem } from './constants.ts';
import { type FirmwareVersion, parseFirmware, untold } from './firmware.ts';
import { Tlv } from './tlv.ts';

/** An issuer or card key as the card wrote it (signatures cover this form) and compressed. */
export interface WrittenKey {
  /** 33 or 65 bytes. */
  readonly written: Uint8Array;
  /** 33 bytes. */
  readonly compressed: Uint8Array;
}

export interface CardData {
  /** 8 bytes. */
  readonly cardId: Uint8Array;
  readonly firmware: FirmwareVersion;
  /** Missing before the maker has finished the card. */
  readonly key?: WrittenKey | undefined;
  readonly issuerKey?: WrittenKey | undefined;
  /** What an early card names as its manufacturer's key, compressed. */
  readonly manufacturerKey?: Uint8Array | undefined;
  /** 0 not personalised, 1 empty, 2 loaded, 3 purged. */
  readonly status?: number | undefined;
  /** 4 or 8 upper-case hex digits. */
  readonly batch?: string | undefined;
  /** "2022-06-02" */
  readonly made?: string | undefined;
  readonly issuerName?: string | undefined;
  /** Signature over the card ID; `length` of one that has not the form. */
  readonly cardIdSignature?:
    | { readonly statement?: Statement; readonly length: number }
    | undefined;
  readonly walletsCount: number;
  readonly accessCodeIsDefault: boolean;
  readonly passcodeIsDefault: boolean;
  readonly needsActivation: boolean;
  /** Low seven bits of the health byte; 0 is good. */
  readonly health: number;
  /** 0 none, 1 linked, 2 active. */
  readonly backupStatus: number;
  readonly backupCount: number;
  /** Before COS 4 the only wallet is a part of this answer. */
  readonly wallet?: LoneWallet | undefined;
}

export interface LoneWallet {
  readonly curve?: string | undefined;
  readonly signedHashes: number;
  /** Its key and a signature by it, over the card's own challenge; absent where they were withheld. */
  readonly proof?: WalletProof | undefined;
}

export interface WalletProof {
  /** 33, 65 (secp256k1) or 32 bytes (Ed25519). */
  readonly publicKey: Uint8Array;
  readonly challenge: Uint8Array;
  readonly salt: Uint8Array;
  readonly signature: Uint8Array;
}

/** @throws EvidenceError naming the first tag that has not the form it must have */
export function parseCardData(fields: Tlv): CardData {
  const cardId = fields.bytes(Tag.cardId, tangem.cardIdLength);
  const made = new Tlv(fields.optional(Tag.cardData) ?? new Uint8Array());
  const firmware = fields.text(Tag.firmware);
  return {
    cardId,
    firmware: firmware === undefined ? untold : parseFirmware(firmware),
    key: writtenKey(fields, Tag.cardPublicKey),
    issuerKey: writtenKey(fields, Tag.issuerDataPublicKey),
    manufacturerKey: writtenKey(made, Tag.manufacturerPublicKey)?.compressed,
    status: fields.integer(Tag.status),
    batch: batchOf(made),
    made: dateOf(made),
    issuerName: made.text(Tag.issuerName),
    cardIdSignature: signatureOf(cardId, made.optional(Tag.cardIdSignature)),
    walletsCount: fields.integer(Tag.walletsCount) ?? 1,
    accessCodeIsDefault: fields.has(Tag.accessCodeIsDefault),
    passcodeIsDefault: fields.has(Tag.passcodeIsDefault),
    needsActivation: fields.has(Tag.needsActivation),
    health: (fields.optional(Tag.health, 1)?.[0] ?? 0) & 0x7f,
    backupStatus: fields.integer(Tag.backupStatus) ?? 0,
    backupCount: fields.integer(Tag.backupCount) ?? 0,
    wallet: loneWallet(fields),
  };
}

function writtenKey(fields: Tlv, tag: number): WrittenKey | undefined {
  const written = fields.optional(tag, 33, 65);
  if (written === undefined) return undefined;
  const compressed = compressSecp256k1(written);
  if (compressed === undefined) {
    throw new EvidenceError(`tag ${tag.toString(16).padStart(2, '0')}: not a key on secp256k1`);
  }
  return { written, compressed };
}

function batchOf(made: Tlv): string | undefined {
  const bytes = made.optional(Tag.batch, 2, 4);
  return bytes && Buffer.from(bytes).toString('hex').toUpperCase();
}

/** Year (2 bytes), month, day. */
function dateOf(made: Tlv): string | undefined {
  const bytes = made.optional(Tag.manufactureDate, 4);
  if (bytes === undefined) return undefined;
  const [high = 0, low = 0, month = 0, day = 0] = bytes;
  const two = (number: number) => `${number}`.padStart(2, '0');
  return `${high * 256 + low}-${two(month)}-${two(day)}`;
}

function signatureOf(
  cardId: Uint8Array,
  signature: Uint8Array | undefined,
): CardData['cardIdSignature'] {
  if (signature === undefined) return undefined;
  const { length } = signature;
  if (length !== tangem.signatureLength) return { length };
  return { length, statement: { message: cardId, signature } };
}

function loneWallet(fields: Tlv): LoneWallet | undefined {
  const publicKey = fields.optional(Tag.walletPublicKey);
  if (publicKey === undefined) return undefined;
  const challenge = fields.optional(Tag.challenge);
  const salt = fields.optional(Tag.salt);
  const signature = fields.optional(Tag.walletSignature);
  const told = publicKey.length > 0 && challenge && salt && signature;
  return {
    curve: fields.text(Tag.curve),
    signedHashes: fields.integer(Tag.signedHashes) ?? 0,
    ...(told && { proof: { publicKey, challenge, salt, signature } }),
  };
}
