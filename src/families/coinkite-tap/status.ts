/**
 * The `status` map: what the card says about itself. None of it is signed. A shell around a genuine
 * card can lie in every field, so each one is `reported` until a signature says more.
 */
import { EvidenceError } from '../../errors/error.ts';
import { isSecp256k1Key } from '../../trust/signature.ts';
import { firstVersion, tap } from './constants.ts';
import { type Fields, printable } from './messages.ts';

export type TapProduct = 'satscard' | 'tapsigner' | 'satschip';

export interface TapStatus {
  readonly product: TapProduct;
  /** Applet version, e.g. "1.0.3". */
  readonly version: string;
  /** Block height at production. */
  readonly birth: number;
  readonly publicKey: Uint8Array;
  readonly cardNonce: Uint8Array;
  /** SATSCARD: active slot, 0 to 10; 10 means all are used up. */
  readonly activeSlot?: number | undefined;
  readonly slotCount?: number | undefined;
  /** SATSCARD with a sealed active slot: its address with the middle left out. */
  readonly address?: string | undefined;
  /** TAPSIGNER, SATSCHIP: a key was picked. Happens once in a card's life. */
  readonly path: boolean;
  /** TAPSIGNER: 0 to 127, stays at 127. */
  readonly backups?: number | undefined;
  readonly tampered: boolean;
  readonly testnet: boolean;
  /** The card calls itself a SATSCHIP; the product is told by other fields. */
  readonly markedSatschip: boolean;
  /** Seconds to wait after wrong codes. */
  readonly authDelay: number;
}

/** @throws EvidenceError when a field that every card has is missing or malformed */
export function parseStatus(fields: Fields): TapStatus {
  if (fields.integer('proto', 255) !== 1) throw new EvidenceError('field "proto": 1 expected');
  const publicKey = fields.bytes('pubkey', tap.publicKeyLength);
  if (!isSecp256k1Key(publicKey))
    throw new EvidenceError('field "pubkey": not a point on the curve');
  const tapsigner = fields.flag('tapsigner');
  const backups = fields.optionalInteger('num_backups', 127);
  return {
    // coinkite-tap-proto cktap/proto.py: a SATSCHIP is a TAPSIGNER that cannot be backed up.
    product: !tapsigner ? 'satscard' : backups === undefined ? 'satschip' : 'tapsigner',
    version: parseVersion(fields.text('ver', 20)),
    birth: fields.integer('birth', 0xffff_ffff),
    publicKey,
    cardNonce: fields.bytes('card_nonce', tap.nonceLength),
    ...(tapsigner ? {} : parseSlots(fields)),
    path: parsePath(fields),
    backups,
    tampered: fields.flag('tampered'),
    testnet: fields.flag('testnet'),
    markedSatschip: fields.flag('satschip'),
    authDelay: fields.optionalInteger('auth_delay', 1_000_000) ?? 0,
  };
}

function parseVersion(text: string): string {
  if (!/^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text)) {
    throw new EvidenceError(`field "ver": ${JSON.stringify(printable(text))}, like 1.0.3 expected`);
  }
  return text;
}

/** Even an empty path means that a key was picked. */
function parsePath(fields: Fields): boolean {
  if (!fields.has('path')) return false;
  fields.list('path', 16);
  return true;
}

function parseSlots(fields: Fields): Pick<TapStatus, 'activeSlot' | 'slotCount' | 'address'> {
  const [active, total, ...rest] = fields.list('slots', 2);
  if (!isSlot(active) || !isSlot(total) || rest.length > 0 || active > total) {
    throw new EvidenceError('field "slots": [active, total] expected');
  }
  const address = fields.optionalText('addr', 90);
  if (address !== undefined && !/^[a-z0-9]{12}___[a-z0-9]{12}$/.test(address)) {
    throw new EvidenceError('field "addr": 12 characters, "___", 12 characters expected');
  }
  return { activeSlot: active, slotCount: total, address };
}

function isSlot(value: unknown): value is number {
  return (
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= tap.maxSlots
  );
}

/** True when `check` covers the key of the active slot: SATSCARD from 1.0.0 on, slot sealed. */
export function signsSlotKey(status: TapStatus): boolean {
  return (
    status.product === 'satscard' && status.version !== firstVersion && status.address !== undefined
  );
}

/** True when the version is this one or later. */
export function atLeast(version: string, wanted: readonly [number, number, number]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, part] of wanted.entries()) {
    const difference = (parts[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Prefix of the card's addresses (BIP 173). */
export function network(status: TapStatus): 'bc' | 'tb' {
  return status.testnet ? 'tb' : 'bc';
}
