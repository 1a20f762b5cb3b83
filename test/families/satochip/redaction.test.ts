/** The PIN, its length, and the label: in no byte of an evidence file. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { encodeEvidence } from '../../../src/evidence/file.ts';
import { satochipFamily } from '../../../src/families/satochip/index.ts';
import { encodeVerifyPin } from '../../../src/families/satochip/messages.ts';
import { redactLabel, redactPin } from '../../../src/families/satochip/redaction.ts';
import { ownedSatochip, ownedSeedkeeper } from '../../../src/simulator/satochip/models.ts';
import { hex, talkTo } from './cards.ts';

/** Everything of an exchange with the PIN that stays. */
const pinRecord = /^b0420000$/;

describe('the record of a PIN', () => {
  it.each(['1234', '123456', '1234567890123456'])('of %s is the same', (pin) => {
    const command = encodeVerifyPin(new TextEncoder().encode(pin));
    const { command: kept, response } = redactPin({ command, response: hex('63c4') });
    expect(toHex(kept)).toBe('b0420000');
    expect(kept.buffer.byteLength).toBe(4);
    expect(toHex(response)).toBe('63c4');
  });

  it('keeps nothing of an answer but its status', () => {
    const { response } = redactPin({ command: hex('b042000001ff'), response: hex('313233349000') });
    expect(toHex(response)).toBe('9000');
  });
});

describe('an evidence file', () => {
  const pin = '123456';
  it.each([
    ['the right PIN', pin, '9000', [ownedSatochip]],
    ['the right PIN of a SeedKeeper', pin, '9000', [ownedSeedkeeper]],
    ['a wrong PIN', '87654321', '63c4', [ownedSatochip]],
  ])('after %s holds no byte of it', async (_, accessCode, sw, applets) => {
    const { evidence, pins } = await talkTo({ applets }, { accessCode });
    expect(pins).toBe(1);
    const records = evidence.transcript.filter(({ command }) => command[1] === 0x42);
    expect(records.map(({ command }) => toHex(command))).toEqual([
      expect.stringMatching(pinRecord),
    ]);
    expect(records.map(({ response }) => toHex(response))).toEqual([sw]);
    expect(records.map(({ disclosure }) => disclosure)).toEqual(['state']);
    const file = Buffer.from(encodeEvidence(evidence)).toString();
    expect(file).toContain('b0420000"');
    expect(file).not.toContain(accessCode);
    expect(file).not.toContain(Buffer.from(accessCode).toString('hex'));
    expect(file).not.toContain(Buffer.from(accessCode).toString('base64').slice(0, 7));
    expect(file).not.toContain('b042000006');
  });

  it('of two PINs of other lengths differs in nothing that they leave behind', async () => {
    const files = await Promise.all(
      ['1111', '1111111111111111'].map(async (accessCode) => {
        const { evidence } = await talkTo({ applets: [ownedSatochip] }, { accessCode });
        return evidence.transcript.map(({ command, response }) => [
          toHex(command),
          toHex(response),
        ]);
      }),
    );
    expect(files[0]).toEqual(files[1]);
  });

  it.each([
    ['a certificate', 'genuine', {}, true],
    ['a certificate behind its PIN', 'set-up-satochip', { accessCode: pin }, true],
    ['a certificate for another chip', 'other-chip', {}, true],
    ['an empty one', 'unpersonalised', {}, false],
    ['none before it is set up', 'new-satochip', {}, false],
    ['none without its PIN', 'set-up-satochip', {}, false],
    ['answers that cannot be read', 'garbage', {}, false],
  ])('of a card with %s keeps the serials of the chip, or not', async (_, id, how, kept) => {
    const { evidence } = await talkTo(id, how);
    const cplc = evidence.transcript.find(({ command }) => toHex(command) === '80ca9f7f00');
    // Three bytes of tag and length, ten that are the same for all chips of a kind, then the rest.
    const serials = cplc?.response.subarray(13, -2) ?? new Uint8Array();
    expect(serials.length).toBe(32);
    expect(serials.some((byte) => byte !== 0)).toBe(kept);
    const own = evidence.transcript.filter(({ command }) => command[0] !== 0x80);
    expect(satochipFamily.bindsChip?.(own)).toBe(kept);
  });

  it('holds the length of a label and not its text', async () => {
    const { evidence } = await talkTo('labelled-satodime');
    const record = evidence.transcript.find(({ command }) => toHex(command) === 'b03d0001');
    expect(toHex(record?.response ?? hex(''))).toBe('079000');
    expect(Buffer.from(encodeEvidence(evidence)).toString()).not.toContain(
      Buffer.from('Savings').toString('hex'),
    );
  });
});

it('an answer without a label stays as it was', () => {
  expect(toHex(redactLabel({ command: hex('b03d0001'), response: hex('6d00') }).response)).toBe(
    '6d00',
  );
});
