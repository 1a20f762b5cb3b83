/**
 * Card IDs: 16 hexadecimal digits, a series and then a decimal number, of which the last digit is
 * a check digit (tangem-sdk-ios CardIdBuilder.swift).
 *
 *   check digit = Luhn, as on bank cards, with the letters A..F counted as 0..5
 */

/** The ID as hexadecimal text, upper case. @param series 4 digits or letters A to F */
export function makeCardId(series: string, seed: Uint8Array): string {
  const number = new DataView(seed.buffer, seed.byteOffset).getBigUint64(0) % 10n ** 11n;
  const head = `${series}${number.toString().padStart(11, '0')}`;
  return `${head}${checkDigit(head)}`;
}

function checkDigit(head: string): number {
  const sum = [...head].reduceRight((total, digit, i) => {
    const doubled = (head.length - i) % 2 === 1;
    return total + luhnValue(digitValue(digit) * (doubled ? 2 : 1));
  }, 0);
  return (10 - (sum % 10)) % 10;
}

function digitValue(digit: string): number {
  const value = Number.parseInt(digit, 16);
  return value >= 10 ? value - 10 : value;
}

function luhnValue(value: number): number {
  return value > 9 ? value - 9 : value;
}
