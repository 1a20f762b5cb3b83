/** Every signature of simulated cards, checked by formulas that share nothing with them. */
import { createHmac } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { coinkiteTapDemo } from '../../src/simulator/demo-keys.ts';
import { createSimulatedCard, type SimulatedCard } from '../../src/simulator/index.ts';
import { ask, bytesOf, chainOf, seeded, select, textOf } from './tap-client.ts';
import { addressOf, isSignedBy, message, recoverRoot, urlSigner } from './tap-formulas.ts';

const appNonce = seeded('app nonce')(16);

function make(caseId: string): SimulatedCard {
  const card = createSimulatedCard('coinkite-tap', caseId, seeded(caseId));
  card.reset();
  return card;
}

/** The same bytes with one bit of the last byte turned. */
function altered(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
}

/** Cards whose `check` signs the two nonces only. */
const plainCases = [
  'genuine',
  'genuine-satschip',
  'used',
  'blank-satscard',
  'old-firmware',
  'first-firmware',
  'unknown-firmware',
  'lying-firmware',
  'fake-root',
  'cut-chain',
];
/** Cards whose `check` also signs the key of the active slot. */
const slotCases = ['genuine-satscard', 'used-satscard', 'tampered'];

describe('check', () => {
  it.each(plainCases)('%s signs both nonces and nothing else', (caseId) => {
    const card = make(caseId);
    const status = select(card);
    const answer = ask(card, { cmd: 'check', nonce: appNonce });
    const signed = message(bytesOf(status, 'card_nonce'), appNonce);
    const cardKey = bytesOf(status, 'pubkey');
    const signature = bytesOf(answer, 'auth_sig');
    expect(isSignedBy(signature, signed, cardKey)).toBe(true);
    expect(isSignedBy(altered(signature), signed, cardKey)).toBe(false);
    expect(isSignedBy(signature, altered(signed), cardKey)).toBe(false);
    expect(isSignedBy(signature, message(bytesOf(answer, 'card_nonce'), appNonce), cardKey)).toBe(
      false,
    );
  });

  it.each(slotCases)('%s also signs the key of the sealed slot', (caseId) => {
    const card = make(caseId);
    const cardKey = bytesOf(select(card), 'pubkey');
    const read = ask(card, { cmd: 'read', nonce: appNonce });
    const answer = ask(card, { cmd: 'check', nonce: appNonce });
    const plain = message(bytesOf(read, 'card_nonce'), appNonce);
    const signed = message(bytesOf(read, 'card_nonce'), appNonce, bytesOf(read, 'pubkey'));
    const signature = bytesOf(answer, 'auth_sig');
    expect(isSignedBy(signature, signed, cardKey)).toBe(true);
    expect(isSignedBy(signature, plain, cardKey)).toBe(false);
    expect(isSignedBy(altered(signature), signed, cardKey)).toBe(false);
  });

  it('gives a low S every time', () => {
    const card = make('genuine');
    const random = seeded('many nonces');
    let before = select(card);
    const cardKey = bytesOf(before, 'pubkey');
    for (let round = 0; round < 20; round += 1) {
      const nonce = random(16);
      const answer = ask(card, { cmd: 'check', nonce });
      const signature = bytesOf(answer, 'auth_sig');
      expect(secp256k1.Signature.fromBytes(signature).hasHighS()).toBe(false);
      const signed = message(bytesOf(before, 'card_nonce'), nonce);
      expect(isSignedBy(signature, signed, cardKey)).toBe(true);
      before = answer;
    }
  });
});

describe('certs', () => {
  it.each(['genuine', 'genuine-satscard', 'genuine-satschip', 'used', 'wrong-key', 'replayed'])(
    '%s leads to the demo root',
    (caseId) => {
      const card = make(caseId);
      const cardKey = bytesOf(select(card), 'pubkey');
      const chain = chainOf(ask(card, { cmd: 'certs' }));
      expect(chain.map((entry) => entry.length)).toEqual([65, 65]);
      for (const [header = 0] of chain) expect([31, 32, 33, 34]).toContain(header);
      expect(recoverRoot(cardKey, chain.slice(0, 1))).toEqual(coinkiteTapDemo.batch.publicKey);
      expect(recoverRoot(cardKey, chain)).toEqual(coinkiteTapDemo.root.publicKey);
    },
  );

  it('does not lead there once altered, or for another card', () => {
    const card = make('genuine');
    const cardKey = bytesOf(select(card), 'pubkey');
    const [batch = new Uint8Array(), root = new Uint8Array()] = chainOf(
      ask(card, { cmd: 'certs' }),
    );
    const other = bytesOf(select(make('used')), 'pubkey');
    for (const wrong of [
      recoverRoot(cardKey, [altered(batch), root]),
      recoverRoot(cardKey, [batch, altered(root)]),
      recoverRoot(other, [batch, root]),
    ]) {
      expect(wrong).not.toEqual(coinkiteTapDemo.root.publicKey);
    }
  });

  it('of a copy leads to the foreign root', () => {
    const card = make('fake-root');
    const cardKey = bytesOf(select(card), 'pubkey');
    const chain = chainOf(ask(card, { cmd: 'certs' }));
    expect(recoverRoot(cardKey, chain)).toEqual(coinkiteTapDemo.fakeRoot.publicKey);
  });
});

describe('SATSCARD slots', () => {
  it.each([
    ['genuine-satscard', 0],
    ['used-satscard', 1],
    ['first-firmware', 0],
  ])('%s proves the key of slot %i', (caseId, slot) => {
    const card = make(caseId);
    const status = select(card);
    const read = ask(card, { cmd: 'read', nonce: appNonce });
    const slotKey = bytesOf(read, 'pubkey');
    const signed = message(bytesOf(status, 'card_nonce'), appNonce, Uint8Array.of(slot));
    expect(isSignedBy(bytesOf(read, 'sig'), signed, slotKey)).toBe(true);
    expect(isSignedBy(altered(bytesOf(read, 'sig')), signed, slotKey)).toBe(false);
    const address = addressOf(slotKey);
    expect(status['addr']).toBe(`${address.slice(0, 12)}___${address.slice(-12)}`);
    expect(urlSigner(textOf(ask(card, { cmd: 'nfc' }), 'url'))).toEqual(slotKey);
  });

  it('derives the slot key from its master key, as BIP-32 m/0', () => {
    const card = make('genuine-satscard');
    select(card);
    const read = ask(card, { cmd: 'read', nonce: appNonce });
    const derive = ask(card, { cmd: 'derive', nonce: appNonce });
    const master = bytesOf(derive, 'master_pubkey');
    const chainCode = bytesOf(derive, 'chain_code');
    const signed = message(bytesOf(read, 'card_nonce'), appNonce, chainCode);
    expect(isSignedBy(bytesOf(derive, 'sig'), signed, master)).toBe(true);
    expect(derive['card_nonce']).not.toEqual(read['card_nonce']);
    const mixed = createHmac('sha512', chainCode).update(master).update(Buffer.alloc(4)).digest();
    const tweak = secp256k1.Point.BASE.multiply(BigInt(`0x${toHex(mixed.subarray(0, 32))}`));
    const child = secp256k1.Point.fromBytes(master).add(tweak).toBytes(true);
    expect(child).toEqual(bytesOf(read, 'pubkey'));
  });

  it('shows opened slots with address and key, the others by state only', () => {
    const card = make('used-satscard');
    select(card);
    const opened = ask(card, { cmd: 'dump', slot: 0 });
    expect(opened['sealed']).toBe(false);
    expect(opened['addr']).toBe(addressOf(bytesOf(opened, 'pubkey')));
    const { card_nonce: _, ...active } = ask(card, { cmd: 'dump', slot: 1 });
    expect(active).toEqual({ slot: 1, sealed: true });
    const { card_nonce: __, ...unused } = ask(card, { cmd: 'dump', slot: 9 });
    expect(unused).toEqual({ slot: 9, used: false });
    expect(ask(card, { cmd: 'dump', slot: 10 })['code']).toBe(400);
    expect(ask(card, { cmd: 'dump' })['code']).toBe(400);
  });
});

describe('tapped URL', () => {
  it.each([
    ['genuine', 'U'],
    ['genuine-satschip', 'U'],
    ['used', 'S'],
  ])('%s is signed by the card and shows state %s', (caseId, state) => {
    const card = make(caseId);
    const cardKey = bytesOf(select(card), 'pubkey');
    const url = textOf(ask(card, { cmd: 'nfc' }), 'url');
    expect(url).toContain(`#t=1&u=${state}&c=`);
    expect(urlSigner(url)).toEqual(cardKey);
    expect(urlSigner(url.replace(/u=./, 'u=E'))).toBeUndefined();
  });

  it('never repeats its nonce and leaves the card nonce alone', () => {
    const card = make('genuine');
    const before = select(card);
    const urls = [1, 2, 3].map(() => textOf(ask(card, { cmd: 'nfc' }), 'url'));
    expect(new Set(urls).size).toBe(3);
    expect(ask(card, { cmd: 'status' })).toEqual(before);
  });

  it('of a SATSCARD shows tampering, and nothing while it never held a key', () => {
    const tampered = make('tampered');
    select(tampered);
    expect(textOf(ask(tampered, { cmd: 'nfc' }), 'url')).toContain('#u=E&o=0&');
    const blank = make('blank-satscard');
    select(blank);
    expect(ask(blank, { cmd: 'nfc' })).toEqual({ url: 'https://getsatscard.com/start#' });
  });
});
