/** The secure channel of COS 8 against its formulas, written here with node:crypto alone. */
import { createCipheriv, createDecipheriv, createECDH, createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { ccmChannel, openCcmChannel, proveCode } from '../../../src/families/tangem/ccm-channel.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { openCard } from '../../../src/reader/card.ts';
import { openVirtualCard } from '../../../src/reader/virtual.ts';
import { cos8 } from '../../../src/simulator/tangem/models.ts';
import { keyPair, linesOf, nameOf, sign, sw, tangemCard } from '../../support/tangem-cards.ts';
import { collectTangem, ownCode } from '../../support/tangem-evidence.ts';
import { play } from '../../support/tangem-handshake.ts';

const cardId = Buffer.from('af08000000123456', 'hex');
const key = createHash('sha256').update('a session key').digest();
const attest = Buffer.from(`00f30000000012 1610${'5a'.repeat(16)}`.replace(' ', ''), 'hex');
const body = attest.subarray(7);

const nonce = (direction: number, counter: number) =>
  Buffer.concat([Buffer.of(direction), cardId, Buffer.of(0, counter >> 8, counter & 0xff)]);

function seal(plain: Uint8Array, aad: Uint8Array, iv: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ccm', key, iv, { authTagLength: 8 });
  cipher.setAAD(aad, { plaintextLength: plain.length });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What the card sends: body and status word, under its counter. */
function answer(plain: Uint8Array, counter: number, status = 0x9000): Buffer {
  const words = Buffer.from(sw(status));
  return Buffer.concat([seal(plain, words, nonce(0xca, counter)), words]);
}
const said = Buffer.from('17020102', 'hex');
const channel = () => ccmChannel(cardId, key);

describe('a command', () => {
  it('is encrypted with its header authenticated, P1 10', () => {
    const header = Buffer.from('00f31000', 'hex');
    const sealed = seal(body, header, nonce(0x7e, 1));
    const wanted = Buffer.concat([header, Buffer.of(0, 0, sealed.length), sealed]);
    expect(toHex(channel().wrap(attest))).toBe(toHex(wanted));
  });

  it('may have no body', () => {
    const header = Buffer.from('00d31000', 'hex');
    const sealed = seal(Buffer.alloc(0), header, nonce(0x7e, 1));
    expect(sealed.length).toBe(8);
    expect(toHex(channel().wrap(Buffer.from('00d30000', 'hex')))).toBe(
      `00d31000000008${toHex(sealed)}`,
    );
  });

  it('goes under the next counter after each answer', () => {
    const secure = channel();
    for (const counter of [1, 2, 3]) {
      const sealed = seal(body, Buffer.from('00f31000', 'hex'), nonce(0x7e, counter));
      expect(toHex(secure.wrap(attest).subarray(7))).toBe(toHex(sealed));
      secure.unwrap(answer(said, counter));
    }
  });

  it('counts beyond one byte and beyond two', () => {
    const secure = channel();
    for (let counter = 1; counter <= 65_536; counter += 1) secure.unwrap(sw(0x6985));
    const wrapped = Buffer.from(secure.wrap(attest));
    const iv = Buffer.concat([Buffer.of(0x7e), cardId, Buffer.of(1, 0, 1)]);
    const opener = createDecipheriv('aes-256-ccm', key, iv, { authTagLength: 8 });
    opener.setAuthTag(wrapped.subarray(-8));
    opener.setAAD(wrapped.subarray(0, 4), { plaintextLength: body.length });
    expect(opener.update(wrapped.subarray(7, -8))).toEqual(body);
  });
});

describe('an answer', () => {
  it('is opened with its status word', () => {
    expect(toHex(channel().unwrap(answer(said, 1)))).toBe('170201029000');
    expect(toHex(channel().unwrap(answer(Buffer.alloc(0), 1)))).toBe('9000');
    expect(toHex(channel().unwrap(answer(said, 1, 0x6af1)))).toBe('170201026af1');
  });

  it('that is a status word alone comes in the clear', () => {
    expect(toHex(channel().unwrap(sw(0x6af3)))).toBe('6af3');
  });

  it.each([0x9789, 0x6982])('under %i comes in the clear, whatever its body', (status) => {
    const plain = Buffer.concat([Buffer.from('1c020064', 'hex'), sw(status)]);
    const secure = channel();
    expect(secure.unwrap(plain)).toEqual(plain);
    expect(toHex(secure.unwrap(answer(said, 2)))).toBe('170201029000');
  });

  it('with any byte altered is refused', () => {
    const good = answer(said, 1);
    for (const [offset, byte] of good.entries()) {
      const bad = good.with(offset, byte ^ 1);
      expect(() => channel().unwrap(bad), `byte ${offset}`).toThrow(EvidenceError);
    }
  });

  it.each<[string, Buffer]>([
    [
      'of the command direction',
      Buffer.concat([seal(said, sw(0x9000), nonce(0x7e, 1)), sw(0x9000)]),
    ],
    ['of another counter', answer(said, 2)],
    ['without its tag', Buffer.concat([answer(said, 1).subarray(0, -10), sw(0x9000)])],
    ['of 7 bytes', Buffer.concat([Buffer.alloc(7), sw(0x9000)])],
    ['of 1 byte', Buffer.concat([Buffer.alloc(1), sw(0x9000)])],
    ['in the clear', Buffer.concat([said, sw(0x9000)])],
    ['cut', answer(said, 1).subarray(1)],
    ['with a byte more', Buffer.concat([Buffer.of(0), answer(said, 1)])],
  ])('%s is refused', (_, response) => {
    expect(() => channel().unwrap(response)).toThrow(EvidenceError);
  });

  it('played again is refused', () => {
    const secure = channel();
    const first = answer(said, 1);
    secure.unwrap(first);
    expect(() => secure.unwrap(first)).toThrow(EvidenceError);
  });

  it('under another key or for another card is refused', () => {
    const otherKey = createHash('sha256').update('another').digest();
    expect(() => ccmChannel(cardId, otherKey).unwrap(answer(said, 1))).toThrow(EvidenceError);
    const otherId = cardId.with(7, 0);
    expect(() => ccmChannel(otherId, key).unwrap(answer(said, 1))).toThrow(EvidenceError);
  });
});

describe('opening it', () => {
  const ours = createHash('sha256').update('ours').digest();
  const theirs = createHash('sha256').update('theirs').digest();
  const pair = (secret: Uint8Array) => {
    const ecdh = createECDH('secp256k1');
    ecdh.setPrivateKey(secret);
    return ecdh;
  };
  const card = keyPair('a card of COS 8');
  /** What AUTHORIZE answers: a key in this form, signed by this card over what is given. */
  const offer = (
    form: 'compressed' | 'uncompressed',
    { signer = card, label = 'SESSION.CARD', over = undefined as Buffer | undefined } = {},
  ) => {
    const shown = pair(theirs).getPublicKey(null, form);
    const signature = sign(Buffer.concat([Buffer.from(label), over ?? shown]), signer);
    return Buffer.concat([
      Buffer.of(0x1a, shown.length),
      shown,
      Buffer.of(0x04, signature.length),
      signature,
      sw(0x9000),
    ]);
  };
  const without = (answer: Buffer, length: number) =>
    Buffer.concat([answer.subarray(0, -2 - length), sw(0x9000)]);
  const publicOf = (form: 'compressed' | 'uncompressed') => pair(theirs).getPublicKey(null, form);
  /** A signed answer whose key is these bytes, whatever they are. */
  const signedOffer = (hex: string) => {
    const shown = Buffer.from(hex, 'hex');
    const signature = sign(Buffer.concat([Buffer.from('SESSION.CARD'), shown]), card);
    const head = Buffer.of(0x1a, shown.length);
    return Buffer.concat([head, shown, Buffer.of(0x04, 64), signature, sw(0x9000)]);
  };
  const granted = '4a01049000';

  it.each(['compressed', 'uncompressed'] as const)(
    'with a %s key agrees on the key',
    async (form) => {
      const line = play(offer(form), granted);
      const secure = await openCcmChannel(line, cardId, card.publicKey, () => ours);
      const own = pair(ours).getPublicKey('hex');
      expect(line.asked).toEqual([
        `00d3000000000d0108${toHex(cardId)}230110`,
        `00ff001000004d0108${toHex(cardId)}1b41${own}`,
      ]);
      const shared = pair(theirs).computeSecret(pair(ours).getPublicKey());
      const session = createHash('sha256').update(shared).digest();
      const same = ccmChannel(cardId, session);
      expect(secure.wrap(attest)).toEqual(same.wrap(attest));
    },
  );

  it.each<[string, (string | Uint8Array)[]]>([
    ['refuses AUTHORIZE', ['6a86']],
    ['pauses for ever', ['9789']],
    ['offers no key', ['4a01029000']],
    ['offers a key of 64 bytes', [`1a40${'04'.repeat(64)}9000`]],
    ['offers no point', [signedOffer('04'.repeat(65)), granted]],
    ['offers a point off the curve', [signedOffer(`02${'00'.repeat(31)}05`), granted]],
    ['refuses OPEN SESSION', [offer('compressed'), '6985']],
  ])('with a card that %s is no fault of ours', async (_, answers) => {
    const opened = openCcmChannel(play(...answers), cardId, card.publicKey, () => ours);
    await expect(opened).rejects.toThrow(EvidenceError);
  });

  it.each<[string, Uint8Array]>([
    ['by another key', offer('uncompressed', { signer: keyPair('x') })],
    ['over another label', offer('uncompressed', { label: 'SESSION.HOST' })],
    ['over no label', offer('uncompressed', { label: '' })],
    ['over the label alone', offer('uncompressed', { over: Buffer.alloc(0) })],
    ['over another key', offer('uncompressed', { over: Buffer.from(keyPair('x').publicKey) })],
    ['over its other form', offer('uncompressed', { over: publicOf('compressed') })],
    ['over its long form', offer('compressed', { over: publicOf('uncompressed') })],
  ])('with a key that is signed %s goes no further', async (_, answer) => {
    const line = play(answer, granted);
    const opened = openCcmChannel(line, cardId, card.publicKey, () => ours);
    await expect(opened).rejects.toThrow('AUTHORIZE: not signed by the card key it shows');
    expect(line.asked.length).toBe(1);
  });

  it.each<[string, Uint8Array]>([
    ['no signature', without(offer('compressed'), 66)],
    [
      'an empty signature',
      Buffer.concat([
        without(offer('compressed'), 66).subarray(0, -2),
        Buffer.from('04009000', 'hex'),
      ]),
    ],
  ])('with %s goes no further', async (_, answer) => {
    const line = play(answer, granted);
    const opened = openCcmChannel(line, cardId, card.publicKey, () => ours);
    await expect(opened).rejects.toThrow(/^tag 04: /);
    expect(line.asked.length).toBe(1);
  });

  it('in front of a card that is another than READ showed goes no further', async () => {
    const evidence = await collectTangem(tangemCard({ model: cos8, fault: { kind: 'lying-key' } }));
    expect(linesOf(prove(evidence))).toContain('challenge live missing');
  });
});

describe('the proof of a code', () => {
  const codeHash = createHash('sha256').update(ownCode).digest();
  const asked = createHash('sha256').update('a challenge').digest();

  it('is an HMAC over "PIN" and the mixed hash', async () => {
    const mixed = asked.map((byte, index) => byte ^ (codeHash[index] ?? 0));
    const proof = createHmac('sha256', asked).update('PIN').update(mixed).digest('hex');
    const line = play(Buffer.concat([Buffer.from('1620', 'hex'), asked, sw(0x9000)]), '4a01049000');
    await proveCode(line, codeHash);
    expect(line.asked).toEqual(['00d30000000003230121', `00d300000000252301221020${proof}`]);
    expect(line.asked.join()).not.toContain(codeHash.toString('hex'));
  });

  it.each<[string, string[], number]>([
    ['refuses to ask', ['6985'], 1],
    ['asks with 16 bytes', [`1610${'00'.repeat(16)}9000`], 1],
    ['asks with nothing', ['9000'], 1],
    ['refuses the proof', [`1620${'00'.repeat(32)}9000`, '6af1'], 2],
  ])('to a card that %s ends there', async (_, answers, times) => {
    const line = play(...answers);
    await expect(proveCode(line, codeHash)).rejects.toThrow(EvidenceError);
    expect(line.asked.length).toBe(times);
  });
});

describe('a card in its channel', () => {
  it.each([
    ['without a code', undefined, undefined, 'signature live held'],
    ['with its code', ownCode, ownCode, 'signature live held'],
    ['with a code that is not given', ownCode, undefined, 'challenge live locked'],
    ['with another code', ownCode, '111111', 'challenge live code-refused'],
  ])('%s', async (_, own, given, expected) => {
    const card = tangemCard({ model: cos8, ...(own && { accessCode: own }) });
    const evidence = await collectTangem(card, { accessCode: given });
    expect(linesOf(prove(evidence))).toContain(expected);
  });

  it('that does not offer one is not decided, and nothing is said outside', async () => {
    const card = tangemCard({ model: cos8 }, (name) =>
      name === 'authorize' ? sw(0x6d00) : undefined,
    );
    const proof = prove(await collectTangem(card));
    expect(linesOf(proof)).toContain('challenge live missing');
    expect(card.heard.map(nameOf)).not.toContain('attest');
  });

  it('whose answers were altered on their way proves nothing', async () => {
    const card = tangemCard({ model: cos8 }, (name, response) =>
      name === 'attest' ? response.with(3, (response[3] ?? 0) ^ 1) : undefined,
    );
    const proof = prove(await collectTangem(card));
    expect(proof.key).toBeUndefined();
    expect(linesOf(proof)[0]).toMatch(/live (unreadable|missing)$/);
  });

  it('is recorded as it was spoken inside', async () => {
    const card = tangemCard({ model: cos8 });
    const evidence = await collectTangem(card);
    const last = evidence.transcript.at(-1);
    expect(toHex(last?.command ?? new Uint8Array())).toMatch(/^00f300000000121610/);
    expect(toHex(last?.response ?? new Uint8Array())).toMatch(/^1710.{32}0440.{128}9000$/);
    expect(openCard(openVirtualCard(card), () => 0).recorded).toEqual([]);
  });
});
