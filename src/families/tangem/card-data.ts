/**
 * The answer to READ of the card: everything the card says about itself. Nothing in it is signed,
 * but for the card ID (tag 86 inside 0C).
 *
 * Without card ID and card key there is nothing to judge, so these are read strictly. Any other field
 * that has not its form is left out and named in `odd`: that costs the plain "genuine", and no more,
 * for firmware that we have never seen may write one differently.
 * Sources: tangem-sdk-ios Common/Deserialization/CardDeserializer.swift, Common/Card/CardSettings.swift.
 */
import { EvidenceError } from '../../errors/error.ts';
import { compressSecp256k1, type Statement } from '../../trust/signature.ts';
import { attempt } from '../check.ts';
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
  readonly cardIdSignature?: Statement | undefined;
  readonly walletsCount: number;
  readonly accessCodeIsDefault: boolean;
  readonly passcodeIsDefault: boolean;
  readonly needsActivation: boolean;
  /** Low seven bits of the health byte; 0 is good. */
  readonly health: number;
  /** 0 none, 1 linked, 2 active. */
  readonly backupStatus: number;
  readonly backupCount: number;
  /** Signatures made, as far as a counter tells: how many, or how many are no longer left. */
  readonly signedHashes: number;
  /** Before COS 4 the only wallet is a part of this answer. */
  readonly wallet?: LoneWallet | undefined;
  /** Fields that have not their form: what is wrong with each. */
  readonly odd: readonly string[];
}

export interface LoneWallet {
  /** Its key and a signature by it, over the card's own challenge; absent where they were withheld. */
  readonly proof?: WalletProof | undefined;
}

export interface WalletProof {
  /** As the card names it; early cards name none. */
  readonly curve?: string | undefined;
  /** 33, 65 (secp256k1) or 32 bytes (Ed25519). */
  readonly publicKey: Uint8Array;
  readonly challenge: Uint8Array;
  readonly salt: Uint8Array;
  readonly signature: Uint8Array;
}

/** @throws EvidenceError when card ID or card key have not the form they must have */
export function parseCardData(fields: Tlv): CardData {
  const odd: string[] = [];
  const lenient = <T>(read: () => T): T | undefined => {
    const value = attempt(() => ({ read: read() }));
    if (typeof value !== 'string') return value.read;
    odd.push(value);
    return undefined;
  };
  const number = (tag: number) => lenient(() => fields.integer(tag));
  const cardId = fields.bytes(Tag.cardId, tangem.cardIdLength);
  const made = lenient(() => new Tlv(fields.optional(Tag.cardData) ?? nothing)) ?? new Tlv(nothing);
  const firmware = lenient(() => firmwareOf(fields));
  return {
    cardId,
    firmware: firmware ?? untold,
    key: writtenKey(fields, Tag.cardPublicKey),
    issuerKey: lenient(() => writtenKey(fields, Tag.issuerDataPublicKey)),
    manufacturerKey: lenient(() => writtenKey(made, Tag.manufacturerPublicKey)?.compressed),
    status: number(Tag.status),
    batch: lenient(() => batchOf(made)),
    made: lenient(() => dateOf(made)),
    issuerName: lenient(() => made.text(Tag.issuerName)),
    cardIdSignature: lenient(() => cardIdSignature(cardId, made)),
    walletsCount: number(Tag.walletsCount) ?? 1,
    accessCodeIsDefault: fields.has(Tag.accessCodeIsDefault),
    passcodeIsDefault: fields.has(Tag.passcodeIsDefault),
    needsActivation: fields.has(Tag.needsActivation),
    health: (lenient(() => fields.optional(Tag.health, 1)?.[0]) ?? 0) & 0x7f,
    backupStatus: number(Tag.backupStatus) ?? 0,
    backupCount: number(Tag.backupCount) ?? 0,
    signedHashes: Math.max(
      number(Tag.signedHashes) ?? 0,
      (number(Tag.maxSignatures) ?? 0) - (number(Tag.remainingSignatures) ?? Infinity),
    ),
    wallet: loneWallet(fields, lenient),
    odd,
  };
}

const nothing = new Uint8Array();

function firmwareOf(fields: Tlv): FirmwareVersion | undefined {
  const text = fields.text(Tag.firmware);
  return text === undefined ? undefined : parseFirmware(text);
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

function cardIdSignature(cardId: Uint8Array, made: Tlv): Statement | undefined {
  const signature = made.optional(Tag.cardIdSignature, tangem.signatureLength);
  return signature && { message: cardId, signature };
}

function loneWallet(
  fields: Tlv,
  lenient: <T>(read: () => T) => T | undefined,
): LoneWallet | undefined {
  const publicKey = fields.optional(Tag.walletPublicKey);
  if (publicKey === undefined) return undefined;
  const challenge = fields.optional(Tag.challenge);
  const salt = fields.optional(Tag.salt);
  const signature = fields.optional(Tag.walletSignature);
  if (publicKey.length === 0 || !challenge || !salt || !signature) return {};
  const curve = lenient(() => fields.text(Tag.curve));
  // A curve that cannot be read is not one that is not named: it may be any.
  if (curve === undefined && fields.has(Tag.curve)) return {};
  return { proof: { curve, publicKey, challenge, salt, signature } };
}
