/**
 * The wallet list of COS 4 and later: a record for every slot, empty ones included, page by page.
 *
 * A slot's status is a kind in the low bits and two flags (tangem-sdk-ios
 * Common/Card/CardWallet.swift): 01 empty, 02 loaded, 03 purged; 40 imported, 80 backed up.
 */
import { Tag, tangem } from './constants.ts';
import { Tlv } from './tlv.ts';

export interface WalletSlot {
  /** `other`: a kind that newer cards may have. Never taken for an empty slot. */
  readonly kind: 'empty' | 'loaded' | 'purged' | 'other';
  /** Made from a phrase that was typed in. */
  readonly imported: boolean;
  readonly backedUp: boolean;
  readonly signedHashes: number;
}

export interface WalletPage {
  readonly slots: readonly WalletSlot[];
  /** COS 8: 8 bytes that name the last backup, all zero when there was none. */
  readonly backupHash?: Uint8Array | undefined;
}

/** @throws EvidenceError for a record that has not the form it must have */
export function parseWalletPage(fields: Tlv): WalletPage {
  fields.optional(Tag.cardId, tangem.cardIdLength);
  return {
    slots: fields.all(Tag.wallet).map((record) => parseSlot(new Tlv(record))),
    backupHash: fields.optional(Tag.backupHash, 8),
  };
}

function parseSlot(record: Tlv): WalletSlot {
  // A record without a status stands for an empty slot (CardWallet: status absent).
  const status = record.integer(Tag.status) ?? 1;
  const kinds = ['other', 'empty', 'loaded', 'purged'] as const;
  return {
    // A longer number is none of these, whatever its last byte is.
    kind: status > 0xff ? 'other' : (kinds[status & 0x3f] ?? 'other'),
    imported: (status & 0x40) !== 0,
    backedUp: (status & 0x80) !== 0,
    signedHashes: record.integer(Tag.signedHashes) ?? 0,
  };
}
