/** The channel against formulas of its own, and what it refuses. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { deriveKeys, openChannel, secureChannel } from '../../../src/families/satochip/channel.ts';
import {
  authentikeys,
  ephemeralKey,
  isVouchedFor,
  parseHandshake,
} from '../../../src/families/satochip/handshake.ts';
import { seededRandom } from '../../support/tap-evidence.ts';
import { hex, scriptedCard } from './cards.ts';

const random = seededRandom('channel');
const own = seededRandom('own')(32);
const ephemeral = seededRandom('ephemeral')(32);
const authentikey = seededRandom('authentikey')(32);
const publicOf = (key: Uint8Array) => secp256k1.getPublicKey(key, true);
const sized = (bytes: Uint8Array) => concat(Uint8Array.of(0, bytes.length), bytes);
const sign = (message: Uint8Array, key: Uint8Array) =>
  secp256k1.sign(sha256(message), key, { prehash: false, lowS: false, format: 'der' });

/** What a card answers to 81, with any part of it replaced. */
function introduce(signer = ephemeral, named?: Uint8Array, vouches = true): Uint8Array {
  const x = sized(publicOf(ephemeral).subarray(1));
  const selfSigned = concat(x, sized(sign(x, signer)));
  if (!vouches) return concat(selfSigned, hex('0000'));
  const vouched = concat(selfSigned, sized(sign(selfSigned, authentikey)));
  return named === undefined ? vouched : concat(vouched, sized(named));
}

describe('a handshake', () => {
  const cardX = publicOf(authentikey).subarray(1);

  it('tells the whole ephemeral key, and keys that may be the card’s own', () => {
    const read = parseHandshake(introduce());
    expect(ephemeralKey(read)).toEqual(publicOf(ephemeral));
    expect(authentikeys(read).map(toHex)).toContain(toHex(publicOf(authentikey)));
    expect(authentikeys(read).length).toBeGreaterThan(1);
  });

  it('tells one key where it names it', () => {
    expect(authentikeys(parseHandshake(introduce(ephemeral, cardX)))).toEqual([
      publicOf(authentikey),
    ]);
    expect(authentikeys(parseHandshake(introduce(ephemeral, hex('11'.repeat(32)))))).toEqual([]);
  });

  it('vouches for the key that signed it, where it names no other one', () => {
    const key = publicOf(authentikey);
    for (const named of [undefined, cardX]) {
      expect(isVouchedFor(parseHandshake(introduce(ephemeral, named)), key)).toBe(true);
      expect(isVouchedFor(parseHandshake(introduce(ephemeral, named)), publicOf(own))).toBe(false);
    }
    const other = publicOf(own).subarray(1);
    expect(isVouchedFor(parseHandshake(introduce(ephemeral, other)), key)).toBe(false);
    expect(isVouchedFor(parseHandshake(introduce(ephemeral, undefined, false)), key)).toBe(false);
  });

  it('of an applet without a key of its own tells none', () => {
    expect(authentikeys(parseHandshake(introduce(ephemeral, undefined, false)))).toEqual([]);
    const bare = introduce(ephemeral, undefined, false).slice(0, -2);
    expect(authentikeys(parseHandshake(bare))).toEqual([]);
  });

  it('by another key than it shows tells none', () => {
    expect(ephemeralKey(parseHandshake(introduce(own)))).toBeUndefined();
  });

  it('must account for every byte', () => {
    const whole = introduce(ephemeral, cardX);
    for (let length = 0; length < whole.length; length += 1) {
      // A handshake without its last fields is one, too; cut anywhere else it is none.
      const cut = whole.subarray(0, length);
      if (isField(whole, length)) continue;
      expect(() => parseHandshake(cut), `${length} bytes`).toThrow(EvidenceError);
    }
    expect(() => parseHandshake(concat(whole, hex('00')))).toThrow('after its end');
  });

  it('of any bytes is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 250 }), (bytes) => {
        try {
          const read = parseHandshake(bytes);
          ephemeralKey(read);
          authentikeys(read);
        } catch (error) {
          expect(error).toBeInstanceOf(EvidenceError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** True where a field of the handshake ends, after the first signature at the earliest. */
function isField(whole: Uint8Array, length: number): boolean {
  const ends: number[] = [];
  for (let end = 0; end < whole.length; ) {
    end += 2 + (((whole[end] ?? 0) << 8) | (whole[end + 1] ?? 0));
    ends.push(end);
  }
  return ends.slice(1).includes(length);
}

describe('the keys of a channel', () => {
  it('come from the x-coordinate that both sides share', async () => {
    const { card, sent } = scriptedCard((_, index) =>
      index === 0 ? concat(introduce(), hex('9000')) : hex('9c04'),
    );
    const talkRandom = (length: number) => (length === 32 ? own : random(length));
    const inside = await openChannel(card, talkRandom);
    expect(toHex(sent[0] ?? hex(''))).toBe(
      `b081000041${toHex(secp256k1.getPublicKey(own, false))}`,
    );
    await inside?.transmit(hex('b0980000'), 'proof');
    const shared = secp256k1.getSharedSecret(ephemeral, publicOf(own), true).subarray(1);
    const { iv, body, mac, covered } = split(sent[1] ?? hex(''));
    const macKey = hmac(sha1, shared, utf8('sc_mac'));
    expect(toHex(mac)).toBe(toHex(hmac(sha1, macKey, covered)));
    const key = hmac(sha1, shared, utf8('sc_key')).subarray(0, 16);
    const opener = createDecipheriv('aes-128-cbc', key, iv);
    expect(toHex(concat(opener.update(body), opener.final()))).toBe('b0980000');
  });

  it('are refused where the card does not sign with the key it shows', async () => {
    const { card } = scriptedCard(() => concat(introduce(own), hex('9000')));
    await expect(openChannel(card, random)).rejects.toThrow('not signed by the key it shows');
  });

  it('are none where the card refuses', async () => {
    const { card } = scriptedCard(() => hex('6f00'));
    expect(await openChannel(card, random)).toBeUndefined();
  });
});

/** The parts of a wrapped command. */
function split(command: Uint8Array) {
  expect(toHex(command.subarray(0, 4))).toBe('b0820000');
  const data = command.subarray(5);
  expect(data.length).toBe(command[4]);
  const length = ((data[16] ?? 0) << 8) | (data[17] ?? 0);
  const end = 18 + length;
  expect(toHex(data.subarray(end, end + 2))).toBe('0014');
  expect(data.length).toBe(end + 22);
  return {
    iv: data.subarray(0, 16),
    body: data.subarray(18, end),
    covered: data.subarray(0, end),
    mac: data.subarray(end + 2),
  };
}

describe('the channel', () => {
  const keys = deriveKeys(seededRandom('shared')(32));
  const answer = (text: Uint8Array, iv = random(16)): Uint8Array => {
    const sealer = createCipheriv('aes-128-cbc', keys.encryption, iv);
    const body = concat(sealer.update(text), sealer.final());
    return concat(iv, Uint8Array.of(body.length >> 8, body.length & 0xff), body, hex('9000'));
  };

  it('counts 1, 3, 5, and takes other random bytes each time', () => {
    const channel = secureChannel(keys, random);
    const ivs = [1, 3, 5].map(() => split(channel.wrap(hex('b0980000'))).iv);
    expect(ivs.map((iv) => toHex(iv.subarray(12)))).toEqual(['00000001', '00000003', '00000005']);
    expect(new Set(ivs.map((iv) => toHex(iv.subarray(0, 12)))).size).toBe(3);
  });

  it('opens what the card encrypts, of any length', () => {
    const channel = secureChannel(keys, random);
    for (const length of [0, 1, 15, 16, 17, 128, 200]) {
      const text = seededRandom(`${length}`)(length);
      expect(toHex(channel.unwrap(answer(text)))).toBe(`${toHex(text)}9000`);
    }
  });

  it('passes a bare status word on', () => {
    const channel = secureChannel(keys, random);
    for (const sw of ['9000', '9c04', '63c2']) expect(toHex(channel.unwrap(hex(sw)))).toBe(sw);
  });

  it('refuses whatever is no answer of its form', () => {
    const channel = secureChannel(keys, random);
    const good = answer(hex('abcd'));
    const bad = [
      concat(good.subarray(0, -2), hex('6f00')),
      concat(good.subarray(0, -2), hex('00'), hex('9000')),
      concat(good.subarray(1)),
      good.with(17, 32),
      good.with(16, 1),
      hex(`${'00'.repeat(18)}9000`),
      hex('00 9000'),
      answer(new Uint8Array(300)),
    ];
    for (const [index, response] of bad.entries()) {
      expect(() => channel.unwrap(response), `${index}`).toThrow(EvidenceError);
    }
    // Two blocks with wrong padding; most alterations of the last one give that.
    const broken = good.with(good.length - 3, (good[good.length - 3] ?? 0) ^ 1);
    expect(() => channel.unwrap(broken)).toThrow('not made with this key');
  });

  it('of any bytes opens or refuses', () => {
    const channel = secureChannel(keys, random);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 300 }), (bytes) => {
        try {
          channel.unwrap(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(EvidenceError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
