import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import {
  describeSw,
  encodeSatochipCommand,
  encodeVerifyPin,
  nextPiece,
  parseCertificateSize,
  parseChallengeAnswer,
  parseLabelLength,
  parsePiece,
  parsePoint,
  parseSatochipCommand,
  parseSecrets,
  parseSlots,
  type SatochipCommand,
} from '../../../src/families/satochip/messages.ts';
import { hex } from './cards.ts';

const point = hex(`04${'ab'.repeat(64)}`);
const challenge = hex('5a'.repeat(32));

/** Every command there is, and its bytes by the applets' sources. */
const commands: readonly (readonly [SatochipCommand, string])[] = [
  [{ name: 'manager' }, '00a4040000'],
  [{ name: 'select', product: 'satochip' }, '00a40400085361746f43686970'],
  [{ name: 'select', product: 'seedkeeper' }, '00a404000a536565644b6565706572'],
  [{ name: 'select', product: 'satodime' }, '00a40400085361746f44696d65'],
  [{ name: 'status' }, 'b03c0000'],
  [{ name: 'channel', point }, `b081000041${toHex(point)}`],
  [{ name: 'certificate-size' }, 'b0930001'],
  [{ name: 'certificate-piece', offset: 384, size: 128 }, 'b09300020401800080'],
  [{ name: 'public-key' }, 'b0980000'],
  [{ name: 'challenge', challenge }, `b09a000020${toHex(challenge)}`],
  [{ name: 'slots' }, 'b0500000'],
  [{ name: 'label' }, 'b03d0001'],
  [{ name: 'secrets' }, 'b0a70000'],
];

describe('a command', () => {
  it.each(commands)('%o is %s', (command, bytes) => {
    expect(toHex(encodeSatochipCommand(command))).toBe(bytes);
    expect(parseSatochipCommand(hex(bytes))).toEqual(command);
  });

  it.each(commands)('%o is another or none with any bit turned', (command, bytes) => {
    for (let offset = 0; offset < 8 * (bytes.length / 2); offset += 1) {
      const turned = hex(bytes);
      turned[offset >> 3] = (turned[offset >> 3] ?? 0) ^ (1 << (offset & 7));
      let read: unknown;
      try {
        read = parseSatochipCommand(turned);
      } catch (error) {
        expect(error).toBeInstanceOf(EvidenceError);
      }
      expect(read).not.toEqual(command);
    }
  });

  it('with a PIN is recorded as four bytes, and no more of it is ever read', () => {
    const whole = encodeVerifyPin(hex('313233343536'));
    expect(toHex(whole)).toBe('b042000006313233343536');
    expect(parseSatochipCommand(hex('b0420000'))).toEqual({ name: 'pin' });
    for (const more of ['b042000006313233343536', 'b042000000', 'b0420000011f', 'b0420100']) {
      expect(() => parseSatochipCommand(hex(more))).toThrow('none that is asked');
    }
  });

  // SETUP, label set, CHANGE PIN, UNBLOCK, seal, unseal, reset of a slot, transfer, import, lock, reset.
  it.each([
    ...['b02a0000', 'b03d0000', 'b0440000', 'b0460000', 'b0570000', 'b0580000', 'b0590000'],
    ...[
      'b05a0000',
      'b0920001',
      'b0940000',
      'b0990000',
      'b0ff0000',
      'b0820000',
      '',
      'b0',
      '80ca9f7f00',
    ],
  ])('%s is none of ours', (bytes) => {
    expect(() => parseSatochipCommand(hex(bytes))).toThrow(EvidenceError);
  });
});

describe('a certificate', () => {
  it('comes in pieces of 128 bytes, the last one shorter', () => {
    const pieces: string[] = [];
    let received = 0;
    for (let next = nextPiece(300, 0); next !== undefined; next = nextPiece(300, received)) {
      pieces.push(`${next.offset}+${next.size}`);
      received += next.size;
    }
    expect(pieces).toEqual(['0+128', '128+128', '256+44']);
    expect(nextPiece(0, 0)).toBeUndefined();
    expect(nextPiece(128, 128)).toBeUndefined();
  });

  it('has a size of at most 8 KiB', () => {
    expect(parseCertificateSize(hex('0000'))).toBe(0);
    expect(parseCertificateSize(hex('2000'))).toBe(8192);
    for (const size of ['2001', 'ffff', '', '01', '000001']) {
      expect(() => parseCertificateSize(hex(size))).toThrow(EvidenceError);
    }
  });

  it('has pieces as long as they were asked for', () => {
    expect(parsePiece(hex('abcd'), 2)).toEqual(hex('abcd'));
    expect(() => parsePiece(hex('abcd'), 1)).toThrow('2 bytes, 1 expected');
    expect(() => parsePiece(hex(''), 1)).toThrow(EvidenceError);
  });
});

describe('an answer', () => {
  it('to the challenge is 32 bytes, a length and as many bytes', () => {
    const card = '11'.repeat(32);
    const { cardChallenge, signature } = parseChallengeAnswer(hex(`${card}00083006020101020101`));
    expect(toHex(cardChallenge)).toBe(card);
    expect(toHex(signature)).toBe('3006020101020101');
    for (const bad of ['', card, `${card}00`, `${card}0000`, `${card}0009${'30'.repeat(8)}`]) {
      expect(() => parseChallengeAnswer(hex(bad))).toThrow(EvidenceError);
    }
    const tooLong = `${card}0049${'30'.repeat(73)}`;
    expect(() => parseChallengeAnswer(hex(tooLong))).toThrow('8 to 72 expected');
    expect(() => parseChallengeAnswer(hex(`${card}0008300602010102010100`))).toThrow(
      'after its end',
    );
  });

  it('with a key is an uncompressed point', () => {
    expect(parsePoint(point)).toEqual(point);
    expect(() => parsePoint(point.with(0, 2))).toThrow('uncompressed');
    expect(() => parsePoint(point.subarray(1))).toThrow('64 bytes, 65 expected');
  });

  it('with slots names a known state for each', () => {
    expect(parseSlots(hex('0000000103000102'))).toEqual(['empty', 'sealed', 'unsealed']);
    for (const bad of ['', '00000001', '0000000100', '000000010300', '000000010300010200']) {
      expect(() => parseSlots(hex(bad))).toThrow(EvidenceError);
    }
    expect(() => parseSlots(hex('0000000103000103'))).toThrow('state 3');
    expect(() => parseSlots(hex(`0000000141${'00'.repeat(65)}`))).toThrow('1 to 64 expected');
  });

  it('of a SeedKeeper counts secrets and log entries', () => {
    const bytes = hex('0002 0fff 0f35 0007 0064 ff ffff ffff 9000');
    expect(parseSecrets(bytes)).toEqual({ count: 2, logged: 7, lastLogged: 0xff });
    expect(() => parseSecrets(bytes.subarray(1))).toThrow('16 bytes, 17 expected');
  });

  it('with a label is recorded as its length', () => {
    expect(parseLabelLength(hex('40'))).toBe(64);
    expect(() => parseLabelLength(hex('41'))).toThrow('at most 64');
    expect(() => parseLabelLength(hex('0141'))).toThrow('2 bytes, 1 expected');
  });

  it('of any bytes is read or refused, never anything else', () => {
    const parsers = [
      parseCertificateSize,
      parseChallengeAnswer,
      parseLabelLength,
      parsePoint,
      parseSecrets,
      parseSlots,
      parseSatochipCommand,
    ];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom(...parsers),
        (bytes, parse) => {
          try {
            parse(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(EvidenceError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('that refuses is told by its status word, with its meaning where that is known', () => {
    expect(describeSw(0x9c04)).toBe('9C04, not set up');
    expect(describeSw(0x6f00)).toBe('6F00');
    expect(describeSw(0x63c4)).toBe('63C4, wrong PIN, tries left: 4');
    expect(describeSw(0x63c0)).toBe('63C0, wrong PIN, tries left: 0');
    expect(describeSw(0x63cf)).toBe('63CF, wrong PIN, tries left: 15');
    for (const other of [0x6300, 0x63b4, 0x63d0, 0x163c4]) {
      expect(describeSw(other)).not.toContain('PIN');
    }
  });
});
