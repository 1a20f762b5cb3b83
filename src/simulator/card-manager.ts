/**
 * The card manager of a simulated chip, as far as it answers anybody: plain data objects
 * (GlobalPlatform Card Specification 2.3.1, 11.3 GET DATA and appendix H).
 *
 *   SELECT   00 A4 04 00 [00]             the card manager, by an empty name
 *   GET DATA 80 CA tag tag [00]           tag, length and value as the chip keeps them; 6A88 = absent
 */
import { concat, utf8 } from '../bytes/bytes.ts';
import { fromHex } from '../bytes/hex.ts';
import { demoSeed } from './demo-keys.ts';

/** Data objects by tag, each whole: tag, length, value. */
export type ChipData = ReadonlyMap<number, Uint8Array>;

/** NXP, P71D321, JCOP 4: fabricator, IC type, OS id, OS date, OS level. */
const platform = fromHex('4790d321470000000000');

/**
 * What a chip of this simulation says of itself: a CPLC with a serial of its own, an issuer number
 * (IIN) and a card number (CIN).
 *
 * @param family and `unit` name the chip: the same ones give the same data in every process
 */
export function chipData(family: string, unit: string): ChipData {
  const seed = demoSeed(family, `chip/${unit}`);
  const cplc = concat(
    platform,
    fromHex('4123'), // made on day 123 of a year that ends in 4
    seed.subarray(0, 4), // serial
    fromHex('6542'), // batch
    new Uint8Array(24),
  );
  return new Map([
    [0x9f7f, concat(fromHex('9f7f2a'), cplc)],
    [0x0042, concat(fromHex('4208'), utf8('DEMOIIN1'))],
    [0x0045, concat(fromHex('450a'), seed.subarray(4, 14))],
  ]);
}

/** True for SELECT of the card manager. */
export function selectsCardManager(command: Uint8Array): boolean {
  const [cla, ins, p1, p2, length] = command;
  return cla === 0 && ins === 0xa4 && p1 === 4 && p2 === 0 && (length ?? 0) === 0;
}

/** The answer to a command while the card manager is selected, status bytes included. */
export function answerCardManager(chip: ChipData, command: Uint8Array): Uint8Array {
  const [cla, ins, p1 = 0, p2 = 0] = command;
  if (cla !== 0x80 || ins !== 0xca) return fromHex('6d00');
  const object = chip.get((p1 << 8) | p2);
  return object === undefined ? fromHex('6a88') : concat(object, fromHex('9000'));
}
