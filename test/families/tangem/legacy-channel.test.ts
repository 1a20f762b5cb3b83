/** The encrypted channel of COS 1 to 6 against its formulas, written here with node:crypto alone. */
import { createCipheriv, createDecipheriv, createECDH, createHash, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import {
  crcA,
  legacyChannel,
  openLegacyChannel,
} from '../../../src/families/tangem/legacy-channel.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { wallet1, wallet2 } from '../../../src/simulator/tangem/models.ts';
import type { TangemProfile } from '../../../src/simulator/tangem/profile.ts';
import { type Alter, linesOf, sw, tangemCard } from '../../support/tangem-cards.ts';
import { collectTangem, ownCode } from '../../support/tangem-evidence.ts';
import { play } from '../../support/tangem-handshake.ts';
import { talk } from '../../support/tangem-talk.ts';

const key = createHash('sha256').update('a session key').digest();
const read = Buffer.from('00f20000000003230101', 'hex');
const iv = Buffer.alloc(16);

/** CRC_A bit by bit from the standard: x^16+x^12+x^5+1, each byte with its lowest bit first. */
function crc(bytes: Uint8Array): Buffer {
  let register = 0xc6c6;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit += 1) {
      const top = ((register >> 15) & 1) ^ ((byte >> bit) & 1);
      register = ((register << 1) & 0xffff) ^ (top ? 0x1021 : 0);
    }
  }
  const mirrored = Number.parseInt(
    [...register.toString(2).padStart(16, '0')].toReversed().join(''),
    2,
  );
  return Buffer.of(mirrored & 0xff, mirrored >> 8);
}

const frame = (tlv: Uint8Array) =>
  Buffer.concat([Buffer.of(tlv.length >> 8, tlv.length & 0xff), crc(tlv), tlv]);
function encrypt(plain: Uint8Array, under = key): Buffer {
  const cipher = createCipheriv('aes-256-cbc', under, iv);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}
const answer = (plain: Uint8Array, status = 0x9000) => Buffer.concat([encrypt(plain), sw(status)]);
const said = Buffer.from('0108af07000000123456', 'hex');

describe('CRC_A', () => {
  it.each([
    ['0000', 'a01e'],
    ['1234', '26cf'],
    ['', '6363'],
  ])('of %s is %s, as ISO/IEC 14443-3 annex B says', (hex, expected) => {
    expect(toHex(crcA(Buffer.from(hex, 'hex')))).toBe(expected);
    expect(crc(Buffer.from(hex, 'hex')).toString('hex')).toBe(expected);
  });

  it('is the same by another way of computing it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(toHex(crcA(bytes))).toBe(crc(bytes).toString('hex'));
      }),
    );
  });
});

describe.each([
  ['fast', 1],
  ['strong', 2],
] as const)('in the %s channel', (mode, p1) => {
  const channel = legacyChannel(mode, key);

  it('a command is framed, encrypted, and names the channel in P1', () => {
    const sealed = encrypt(frame(read.subarray(7)));
    const wanted = Buffer.concat([Buffer.of(0, 0xf2, p1, 0, 0, 0, sealed.length), sealed]);
    expect(toHex(channel.wrap(read))).toBe(toHex(wanted));
    expect(channel.wrap(read)).toEqual(channel.wrap(read));
  });

  it('a command without a body is a frame of nothing', () => {
    const wrapped = Buffer.from(channel.wrap(Buffer.from('00f20000', 'hex')));
    const opener = createDecipheriv('aes-256-cbc', key, iv);
    const plain = Buffer.concat([opener.update(wrapped.subarray(7)), opener.final()]);
    expect(plain.toString('hex')).toBe('00006363');
  });

  it('an answer of any length is opened with its status word', () => {
    for (const length of [0, 1, 11, 12, 13, 300]) {
      const plain = Buffer.alloc(length, 7);
      expect(toHex(channel.unwrap(answer(frame(plain))))).toBe(`${'07'.repeat(length)}9000`);
    }
    expect(toHex(channel.unwrap(answer(frame(said), 0x9001)))).toBe(`${toHex(said)}9001`);
  });

  it('an answer of up to 15 bytes is in the clear', () => {
    const short = Buffer.concat([Buffer.alloc(15, 1), sw(0x9789)]);
    expect(channel.unwrap(short)).toEqual(short);
    expect(toHex(channel.unwrap(sw(0x6982)))).toBe('6982');
  });

  it.each<[string, Buffer]>([
    ['of 16 bytes in the clear', Buffer.concat([Buffer.alloc(16, 1), sw(0x9000)])],
    ['of 17 bytes', Buffer.concat([Buffer.alloc(17, 1), sw(0x9000)])],
    ['with another checksum', answer(frame(said).with(2, 0))],
    ['with another length', answer(frame(said).with(1, 9))],
    ['with a length of 256 more', answer(frame(said).with(0, 1))],
    ['with another byte', answer(frame(said).with(6, 0))],
    ['of 3 bytes inside', answer(Buffer.of(0, 0, 0x63))],
    ['of nothing inside', answer(Buffer.alloc(0))],
    ['under another key', Buffer.concat([encrypt(frame(said), Buffer.alloc(32)), sw(0x9000)])],
    ['cut by a block', Buffer.concat([encrypt(frame(Buffer.alloc(40))).subarray(16), sw(0x9000)])],
  ])('an answer %s is refused', (_, response) => {
    expect(() => channel.unwrap(response)).toThrow(EvidenceError);
  });
});

describe('opening it', () => {
  const codeHash = createHash('sha256').update('000000').digest();
  const uid = Buffer.from('04112233445566', 'hex');
  const ours = createHash('sha256').update('ours').digest();
  const theirs = createHash('sha256').update('theirs').digest();
  const random = (length: number) => ours.subarray(0, length);
  const pair = (secret: Uint8Array) => {
    const ecdh = createECDH('secp256k1');
    ecdh.setPrivateKey(secret);
    return ecdh;
  };
  const keyOf = (secret: Uint8Array, hash = codeHash) =>
    createHash('sha256')
      .update(secret)
      .update(pbkdf2Sync(hash, uid, 50, 32, 'sha256'))
      .digest();
  const shareB = theirs.subarray(0, 16);
  const fastAnswer = `1b10${toHex(shareB)}`;
  const pointB = pair(theirs).getPublicKey('hex');

  it('the fast way, UID told by the card', async () => {
    const line = play(`${fastAnswer}0b07${toHex(uid)}9000`);
    const channel = await openLegacyChannel(line, 'fast', codeHash, random);
    expect(line.asked).toEqual([`00ff00010000121a10${toHex(ours.subarray(0, 16))}`]);
    const session = keyOf(Buffer.concat([ours.subarray(0, 16), shareB]));
    expect(channel.wrap(read)).toEqual(legacyChannel('fast', session).wrap(read));
  });

  it('the strong way, UID told by the reader', async () => {
    const line = play(`1b41${pointB}9000`, `${toHex(uid)}9000`);
    const channel = await openLegacyChannel(line, 'strong', codeHash, random);
    const point = pair(ours).getPublicKey('hex');
    expect(line.asked).toEqual([`00ff00020000431a41${point}`, 'ffca000000']);
    const session = keyOf(pair(theirs).computeSecret(pair(ours).getPublicKey()));
    expect(channel.wrap(read)).toEqual(legacyChannel('strong', session).wrap(read));
  });

  it('under another code is another channel', async () => {
    const other = createHash('sha256').update(ownCode).digest();
    const open = (hash: Uint8Array) =>
      openLegacyChannel(play(`${fastAnswer}0b07${toHex(uid)}9000`), 'fast', hash, random);
    const channel = await open(other);
    const secret = Buffer.concat([ours.subarray(0, 16), shareB]);
    expect(channel.wrap(read)).toEqual(legacyChannel('fast', keyOf(secret, other)).wrap(read));
    expect(channel.wrap(read)).not.toEqual((await open(codeHash)).wrap(read));
  });

  it.each<[string, 'fast' | 'strong', string[]]>([
    ['refuses', 'fast', ['6982']],
    ['shares nothing', 'fast', ['9000']],
    ['shares 15 bytes', 'fast', [`1b0f${'00'.repeat(15)}9000`]],
    ['shares a point the fast way', 'fast', [`1b41${pointB}9000`]],
    ['shares 16 bytes the strong way', 'strong', [`${fastAnswer}9000`]],
    ['shares no point', 'strong', [`1b41${'04'.repeat(65)}9000`]],
    ['has a reader that tells no UID', 'fast', [`${fastAnswer}9000`, '6a81']],
    ['has a reader that tells an empty UID', 'fast', [`${fastAnswer}9000`, '9000']],
  ])('with a card that %s (%s) is no fault of ours', async (_, mode, answers) => {
    const opened = openLegacyChannel(play(...answers), mode, codeHash, random);
    await expect(opened).rejects.toThrow(EvidenceError);
  });
});

describe('a card that demands it', () => {
  const small = { ...wallet2, slots: 2 };
  const fast: TangemProfile = { model: small, demands: 'fast', showsUid: true };
  const strong: TangemProfile = { model: small, demands: 'strong' };

  it('is asked in the clear, then the fast way', async () => {
    const { names, heard, steps } = await talk(fast);
    expect(names).toEqual(['select', 'read', 'open 1', 'read', 'read', 'attest']);
    expect(heard.slice(3).map(([, , p1]) => p1)).toEqual([1, 1, 1]);
    expect(steps).toEqual(['status', 'channel', 'wallets', 'challenge']);
  });

  it('is asked the strong way where the fast one is refused', async () => {
    const { names, heard } = await talk(strong);
    expect(names.slice(1, 6)).toEqual(['read', 'open 1', 'open 2', 'uid', 'read']);
    expect(heard.at(-1)?.[2]).toBe(2);
  });

  it('may demand the strong way in the middle of the fast one', async () => {
    const alter: Alter = (name, _, command) =>
      name === 'attest' && command[2] === 1 ? sw(0x6982) : undefined;
    const { names, error } = await talk(fast, { alter });
    expect(error).toBeUndefined();
    expect(names.slice(-3)).toEqual(['attest', 'open 2', 'attest']);
    const proof = prove(await collectTangem(tangemCard(fast, alter)));
    expect(linesOf(proof)).toContain('signature live held');
  });

  it('and is never content is left after both ways', async () => {
    const alter: Alter = (name) => (name === 'read' ? sw(0x6982) : undefined);
    const { names, error } = await talk(fast, { alter });
    expect(error).toBeUndefined();
    expect(names).toEqual(['select', 'read', 'open 1', 'read', 'open 2', 'read']);
  });

  it('and opens none is left', async () => {
    const alter: Alter = (name) => (name.startsWith('open') ? sw(0x6985) : undefined);
    const { names, error } = await talk(strong, { alter });
    expect(error).toBeUndefined();
    expect(names).toEqual(['select', 'read', 'open 1', 'open 2']);
    const proof = prove(await collectTangem(tangemCard(strong, alter)));
    expect(linesOf(proof)).toEqual(['challenge live missing', 'chain chain missing']);
  });

  it.each([
    ['its code', ownCode, 'signature live held', 0],
    ['no code', undefined, 'challenge live missing', 1],
    ['another code', '111111', 'challenge live code-refused', 1],
  ])('and has a code, with %s given', async (_, accessCode, expected, wrong) => {
    for (const demands of ['fast', 'strong'] as const) {
      const profile = { ...fast, demands, accessCode: ownCode };
      const card = tangemCard(profile);
      const proof = prove(await collectTangem(card, { accessCode }));
      expect(linesOf(proof)).toContain(expected);
      expect(card.wrongCodes).toBe(wrong);
    }
  });

  it('has nothing of the channel in what is written down', async () => {
    const profile: TangemProfile = { model: { ...wallet1, slots: 2 }, demands: 'fast' };
    const { recorded } = await talk(profile);
    const open = recorded.filter(({ disclosure }) => disclosure !== 'private');
    expect(open.map(({ command }) => command[2])).toEqual([4, 0, 0, 0, 0]);
    const plain = await talk({ model: profile.model });
    // The same questions as in the clear; the first READ was refused before.
    expect(open.map(({ command }) => toHex(command)).toSpliced(2, 1)).toEqual(
      plain.recorded.map(({ command }) => toHex(command)),
    );
  });

  it('whose answers were altered on their way proves nothing', async () => {
    const alter: Alter = (name, response) =>
      name === 'attest' && response.length > 20
        ? response.with(5, (response[5] ?? 0) ^ 1)
        : undefined;
    const proof = prove(await collectTangem(tangemCard(fast, alter)));
    expect(proof.key).toBeUndefined();
  });
});
