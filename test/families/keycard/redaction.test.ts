import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { redactCash, redactSelected } from '../../../src/families/keycard/redaction.ts';
import { parseCash, parseSelected } from '../../../src/families/keycard/select.ts';
import {
  blank,
  bytes,
  cash,
  channelKey,
  command,
  four,
  load,
  ok,
  ownCertificate,
  type Recording,
  recordings,
  sw,
  three,
  tlv,
} from './cards.ts';

const uid = new Uint8Array(32).fill(0x5a);
const instance = new Uint8Array(16).fill(0x6b);
const kept = (response: Uint8Array) =>
  redactSelected({ command: command.keycard, response }).response;
const keptOfCash = (response: Uint8Array) =>
  redactCash({ command: command.cash, response }).response;

describe('of an answer to SELECT', () => {
  it('the key UID and the instance UID are filled, all else stays', () => {
    const response = three({ version: [3, 2], slots: 8, keyUid: uid, instance });
    const expected = three({
      version: [3, 2],
      slots: 8,
      keyUid: new Uint8Array(32).fill(0xff),
      instance: new Uint8Array(16),
    });
    expect(toHex(kept(response))).toBe(toHex(expected));
    expect(toHex(kept(response))).not.toContain(toHex(uid.subarray(0, 4)));
  });

  it.each([0, 1])('of 4.0 with a length %i short the length stays as it is', (short) => {
    const response = four({ status: 0x13, keyUid: uid, short });
    const expected = four({ status: 0x13, keyUid: new Uint8Array(32).fill(0xff), short });
    expect(toHex(kept(response))).toBe(toHex(expected));
  });

  it.each([
    ['blank', blank()],
    ['without a key', three()],
    ['4.0 without a key', four()],
    ['a refusal', sw(0x6985)],
  ])('%s nothing is left out', (_, response) => {
    expect(toHex(kept(response))).toBe(toHex(response));
  });

  it('the parser reads the same before and after', () => {
    const all = [blank(), three({ keyUid: uid, instance }), four({ keyUid: uid }), sw(0x6985)];
    for (const response of all) {
      expect(parseSelected(kept(response))).toEqual(parseSelected(response));
    }
    expect(parseSelected(kept(four({ keyUid: uid })))).toMatchObject({
      certificate: { bytes: ownCertificate },
    });
  });

  it("the card's own bytes are not touched", () => {
    const response = three({ keyUid: uid });
    const before = response.slice();
    kept(response);
    expect(response).toEqual(before);
  });

  it('an unknown object is filled, and what cannot be read is left out', () => {
    const odd = concat(tlv(0xa4, concat(tlv(0x02, bytes(5, 0)), tlv(0x9e, uid))), ok);
    expect(toHex(kept(odd))).toBe(
      toHex(
        concat(
          tlv(
            0xa4,
            concat(
              tlv(0x02, bytes(5, 0)),
              tlv(
                0x9e,
                uid.map(() => 255),
              ),
            ),
          ),
          ok,
        ),
      ),
    );
    for (const response of [
      concat(uid, ok),
      concat(tlv(0xa5, tlv(0x8e, uid)), ok),
      concat(tlv(0xa4, concat(tlv(0x02, bytes(4, 0)), bytes(0x8e, 0x40), uid)), ok),
      concat(three({ keyUid: uid }).subarray(0, -2), uid, ok),
    ]) {
      expect(kept(response)).toEqual(ok);
    }
  });

  it.each(recordings)('%s: every recorded one reads the same', (name) => {
    for (const { label, responseApdu } of load<Recording>(name).steps) {
      const response = fromHex(responseApdu);
      if (label.startsWith('SELECT keycard')) {
        expect(parseSelected(kept(response))).toEqual(parseSelected(response));
      }
      if (label === 'SELECT cash') {
        expect(parseCash(keptOfCash(response))).toEqual(parseCash(response));
      }
    }
  });
});

describe('of the cash applet', () => {
  it('the key of its wallet and what its owner wrote are filled, the version stays', () => {
    const response = cash([3, 2], uid);
    const told = toHex(keptOfCash(response));
    expect(told).not.toContain(toHex(channelKey.point.subarray(1, 5)));
    expect(told).not.toContain(toHex(uid.subarray(0, 4)));
    expect(told.length).toBe(toHex(response).length);
    expect(parseCash(fromHex(told))).toEqual({ major: 3, minor: 2 });
  });

  it('the bare form of another applet gives no key away', () => {
    expect(toHex(keptOfCash(blank()))).toBe('9000');
    expect(keptOfCash(sw(0x6a82))).toEqual(sw(0x6a82));
  });
});
