/**
 * Answers to READ (tangem-sdk-ios Operations/Read/ReadCommand.swift, ReadWalletsListCommand.swift,
 * Common/Deserialization/CardDeserializer.swift, WalletDeserializer.swift).
 *
 *   mode 01  the card        mode 02  the wallet in slot 65
 *   mode 03  the records of all slots, from slot 65 on, a page at a time
 *   mode 04  the master secret, COS 8
 *
 * Before COS 4 there are no modes: every READ gets the card together with its one wallet. The
 * order of the fields follows published dumps up to COS 2.42; for later systems none is public,
 * and their new fields come last here.
 */
import { concat } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import { type Answer, bare, Status } from './apdu.ts';
import type { TangemKeys, WalletKeys } from './keys.ts';
import {
  cardStatus,
  isAtLeast,
  isV8,
  type TangemProfile,
  type WalletState,
  WalletStatus,
  walletAt,
} from './profile.ts';
import { type Fields, field, flagField, numberField, numberIn, Tag, textField } from './tlv.ts';

/** Settings bits (tangem-sdk-ios CardSettings.swift). */
const allowPlain = 0x1000;
const allowFast = 0x2000;

/** 15 seconds, in hundredths; as on the published cards. */
const securityDelay = 1500;

/** As on the published release cards. */
const maxSignatures = 1_000_000;

/** What READ works on. */
export interface ReadContext {
  readonly profile: TangemProfile;
  readonly keys: TangemKeys;
}

/** Answers READ with these fields; access code and session are somebody else's concern. */
export function answerRead(fields: Fields, context: ReadContext): Answer {
  const { profile } = context;
  if (!isAtLeast(profile.model.firmware, '4.0')) return ok(cardFields(context));
  switch (numberIn(fields, Tag.mode)) {
    case 0x01:
      return ok(cardFields(context));
    case 0x02:
      return readWallet(numberIn(fields, Tag.walletIndex), context);
    case 0x03:
      return readPage(numberIn(fields, Tag.walletIndex) ?? 0, context);
    case 0x04:
      if (isV8(profile)) return ok([masterFields(context)]);
  }
  return bare(Status.invalidParameters);
}

function ok(parts: readonly Uint8Array[]): Answer {
  return { sw: Status.ok, body: concat(...parts) };
}

function cardFields(context: ReadContext): Uint8Array[] {
  const { profile, keys } = context;
  const { firmware } = profile.model;
  const since = (minimum: string, ...parts: readonly Uint8Array[]) =>
    isAtLeast(firmware, minimum) ? parts : [];
  return [
    field(Tag.cardId, keys.cardId),
    // Dumps of 1.28r lack the name; one of 1.28d SDK has it.
    ...since('2.0', textField(Tag.manufacturerName, 'TANGEM')),
    // Dumps of 1.28r lack the status too, but those were put together by an app. The one raw
    // answer of that system, of a 1.28d SDK card, has it.
    numberField(Tag.status, cardStatus(profile), 1),
    textField(Tag.firmware, firmware),
    field(Tag.cardPublicKey, keys.shownKey),
    numberField(Tag.settings, settings(profile), profile.model.settingsSize),
    field(Tag.cardData, cardData(context)),
    field(Tag.issuerPublicKey, keys.issuerKey),
    ...since(
      '2.0',
      textField(Tag.curve, 'secp256k1'),
      numberField(Tag.maxSignatures, maxSignatures, 4),
      numberField(Tag.signingMethods, 0, 1),
      numberField(Tag.securityDelay, securityDelay, 2),
    ),
    ...(isAtLeast(firmware, '4.0') ? [] : singleWallet(context)),
    numberField(Tag.health, profile.health ?? 0, 1),
    ...since('4.0', numberField(Tag.walletsCount, profile.model.slots, 1)),
    // The length of a flag is open; these have one byte.
    ...since('4.1', flagField(Tag.passcodeIsDefault, true)),
    ...since('4.33', flagField(Tag.accessCodeIsDefault, profile.accessCode === undefined)),
    ...since('4.39', ...backupFields(profile), numberField(Tag.userSettings, 0, 4)),
  ];
}

function settings({ model, demands }: TangemProfile): number {
  const forbidden = { none: 0, fast: allowPlain, strong: allowPlain | allowFast };
  return model.settings & ~forbidden[demands ?? 'none'];
}

function cardData({ profile, keys }: ReadContext): Uint8Array {
  const { firmware, batch, made, issuerName } = profile.model;
  const [year, month, day] = made;
  return concat(
    field(Tag.batch, fromHex(batch)),
    ...(isAtLeast(firmware, '2.30') ? [numberField(Tag.productMask, 1, 1)] : []),
    field(Tag.date, Uint8Array.of(year >> 8, year & 0xff, month, day)),
    textField(Tag.issuerName, issuerName),
    // Without a 00 at its end, as in every dump. COS 4 cards are not tied to one currency.
    ...(isAtLeast(firmware, '4.0') ? [] : [field(Tag.blockchain, Buffer.from('BTC', 'ascii'))]),
    ...(keys.cardIdSignature ? [field(Tag.cardIdSignature, keys.cardIdSignature)] : []),
  );
}

/** Before COS 4 the fields of the wallet stand among those of the card. */
function singleWallet({ profile, keys }: ReadContext): Uint8Array[] {
  const wallet = keys.wallets.get(0);
  if (wallet === undefined) return [];
  const { signed = 0 } = walletAt(profile, 0);
  return [
    field(Tag.walletPublicKey, wallet.publicKey),
    numberField(Tag.remainingSignatures, maxSignatures - signed, 4),
    numberField(Tag.signedHashes, signed, 4),
  ];
}

/** The lengths of these fields are not documented; one byte each is a choice. */
function backupFields({ backup }: TangemProfile): Uint8Array[] {
  return backup === undefined
    ? [numberField(Tag.backupStatus, 0, 1)]
    : [
        numberField(Tag.backupStatus, backup.status, 1),
        numberField(Tag.backupCount, backup.count, 1),
      ];
}

/** In mode 02 the fields of the record stand in the answer itself. */
function readWallet(slot: number | undefined, context: ReadContext): Answer {
  const { profile } = context;
  if (slot === undefined || slot >= profile.model.slots) return bare(Status.invalidParameters);
  return ok([...cardIdField(context), walletRecord(slot, context)]);
}

function readPage(first: number, context: ReadContext): Answer {
  const { slots, pageSize } = context.profile.model;
  if (first >= slots) return bare(Status.invalidParameters);
  const count = Math.min(pageSize, slots - first);
  return ok([
    ...cardIdField(context),
    ...Array.from({ length: count }, (_, i) => field(Tag.wallet, walletRecord(first + i, context))),
    // All zero: no wallet was ever backed up. On which page the hash comes is open.
    ...(isV8(context.profile) ? [field(Tag.backupHash, new Uint8Array(8))] : []),
  ]);
}

/** COS 8 names the card in READ of the card only. */
function cardIdField({ profile, keys }: ReadContext): Uint8Array[] {
  return isV8(profile) ? [] : [field(Tag.cardId, keys.cardId)];
}

function walletRecord(slot: number, { profile, keys }: ReadContext): Uint8Array {
  const wallet = walletAt(profile, slot);
  const walletKeys = keys.wallets.get(slot);
  return concat(
    numberField(Tag.status, wallet.status, 1),
    numberField(Tag.walletIndex, slot, 1),
    ...(walletKeys ? keyFields(profile, walletKeys, wallet) : []),
  );
}

function keyFields(
  profile: TangemProfile,
  { publicKey, chainCode, curve }: WalletKeys,
  { signed = 0 }: WalletState,
): Uint8Array[] {
  return [
    field(Tag.walletPublicKey, publicKey),
    ...(isAtLeast(profile.model.firmware, '4.39') ? [field(Tag.chainCode, chainCode)] : []),
    textField(Tag.curve, curve),
    numberField(Tag.signedHashes, signed, 4),
  ];
}

/** A master secret comes with the first wallet. */
function masterFields({ profile, keys }: ReadContext): Uint8Array {
  if (keys.wallets.size === 0) return numberField(Tag.status, WalletStatus.empty, 1);
  return concat(
    numberField(Tag.status, walletAt(profile, 0).status, 1),
    field(Tag.walletPublicKey, keys.master.publicKey),
    field(Tag.chainCode, keys.master.chainCode),
  );
}
