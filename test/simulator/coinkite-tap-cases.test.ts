/** The layers around the protocol, and the faults. */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { openCard } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { createSimulatedCard, type SimulatedCard } from '../../src/simulator/index.ts';
import {
  ask,
  bytesOf,
  chainOf,
  commandApdu,
  exchange,
  seeded,
  select,
  selectApdu,
  statusWord,
} from './tap-client.ts';
import { isSignedBy, message, recoverRoot } from './tap-formulas.ts';

const appNonce = seeded('app nonce')(16);
const check = { cmd: 'check', nonce: appNonce };

function make(caseId: string): SimulatedCard {
  const card = createSimulatedCard('coinkite-tap', caseId, seeded(caseId));
  card.reset();
  return card;
}

describe('applet selection', () => {
  it.each([
    [
      'an unknown instruction for everything before SELECT',
      [['00cb00000ca163636d6466737461747573', '6d00']],
    ],
    ['a UID request refused, as by a card without a reader', [['ffca000000', '6d00']]],
    [
      'the card manager not found, and nothing selected after it',
      [
        ['00a404000ff0436f696e6b697465434152447631', '9000'],
        ['00a4040000', '6a82'],
        ['00cb00000ca163636d6466737461747573', '6d00'],
      ],
    ],
    [
      'another applet not found, and nothing selected after it',
      [
        ['00a404000ff0436f696e6b69746543415244763100', '9000'],
        ['00a4040007d2760000850101', '6a82'],
        ['00cb00000ca163636d6466737461747573', '6d00'],
      ],
    ],
    [
      'lengths that disagree refused',
      [
        ['00a404000ff0436f696e6b697465434152447631', '9000'],
        ['00cb00000da163636d6466737461747573', '6700'],
        ['00cb0000', '6700'],
        ['00c0000000', '6d00'],
        ['', '6d00'],
      ],
    ],
  ])('gives %s', (_, exchanges) => {
    const card = make('genuine');
    for (const [command = '', sw] of exchanges) {
      expect(statusWord(exchange(card, fromHex(command))), command).toBe(sw);
    }
  });

  it('is lost, with the card nonce, when the power goes', () => {
    const card = make('genuine');
    const before = select(card);
    card.reset();
    expect(statusWord(exchange(card, commandApdu({ cmd: 'status' })))).toBe('6d00');
    const after = select(card);
    expect(after['pubkey']).toEqual(before['pubkey']);
    expect(after['card_nonce']).not.toEqual(before['card_nonce']);
  });
});

describe('errors', () => {
  it.each([
    ['weak nonce', { cmd: 'check', nonce: new Uint8Array(16) }, 417],
    ['long nonce', { cmd: 'check', nonce: new Uint8Array(17) }, 400],
    ['no nonce', { cmd: 'check' }, 400],
    ['unknown command', { cmd: 'frobnicate' }, 404],
    ['no command', { command: 'check' }, 404],
    ['SATSCARD command', { cmd: 'dump', slot: 0 }, 404],
    ['derive without CVC', { cmd: 'derive', nonce: appNonce }, 403],
  ])('%s leaves the nonce as it was', (_, request, code) => {
    const card = make('used');
    const before = select(card);
    expect(ask(card, request)['code']).toBe(code);
    expect(ask(card, { cmd: 'status' })).toEqual(before);
    expect(card.forbiddenCommands).toBe(0);
  });

  it('read of a TAPSIGNER needs a CVC once there is a key', () => {
    const card = make('used');
    select(card);
    expect(ask(card, { cmd: 'read', nonce: appNonce })['code']).toBe(403);
  });

  it.each(['ff', 'a1', '80', 'f6', 'a263636d646173 63636d646174'])('%s is bad CBOR', (hex) => {
    const card = make('genuine');
    select(card);
    const data = fromHex(hex.replace(' ', ''));
    const answer = exchange(card, Uint8Array.of(0, 0xcb, 0, 0, data.length, ...data));
    expect(toHex(answer)).toContain(toHex(Buffer.from('bad cbor')));
  });
});

describe('commands of the owner', () => {
  it.each([
    ...['new', 'unseal', 'sign', 'change', 'backup', 'xpub'].map((cmd) => ({ cmd })),
    { cmd: 'dump', slot: 0, xcvc: new Uint8Array(6), epubkey: new Uint8Array(33) },
    { cmd: 'wait', xcvc: new Uint8Array(6) },
  ])('$cmd is counted and refused', (request) => {
    const card = make('genuine-satscard');
    const before = select(card);
    expect(ask(card, request)['code']).toBe(403);
    expect(card.forbiddenCommands).toBe(1);
    expect(ask(card, { cmd: 'status' })).toEqual(before);
    card.reset();
    expect(card.forbiddenCommands).toBe(1);
  });
});

describe('faults', () => {
  it('cut-chain shows one signature', () => {
    const card = make('cut-chain');
    select(card);
    expect(chainOf(ask(card, { cmd: 'certs' }))).toHaveLength(1);
  });

  it('replayed answers every challenge with one recorded signature', () => {
    const card = make('replayed');
    const status = select(card);
    const answer = ask(card, check);
    const signed = message(bytesOf(status, 'card_nonce'), appNonce);
    expect(isSignedBy(bytesOf(answer, 'auth_sig'), signed, bytesOf(status, 'pubkey'))).toBe(false);
    card.reset();
    expect(select(card)).toEqual(status);
    expect(ask(card, { cmd: 'check', nonce: seeded('other')(16) })['auth_sig']).toEqual(
      answer['auth_sig'],
    );
    expect(ask(card, { cmd: 'nfc' })).toEqual(ask(card, { cmd: 'nfc' }));
  });

  it('wrong-key signs with a key that the chain does not cover', () => {
    const card = make('wrong-key');
    const status = select(card);
    const signature = bytesOf(ask(card, check), 'auth_sig');
    const signed = message(bytesOf(status, 'card_nonce'), appNonce);
    expect(isSignedBy(signature, signed, bytesOf(status, 'pubkey'))).toBe(false);
    expect(
      recoverRoot(bytesOf(status, 'pubkey'), chainOf(ask(card, { cmd: 'certs' }))),
    ).toHaveLength(33);
  });

  it('lying-firmware reports 1.0.3 and shows the nonce in certs as 0.9.0 does', () => {
    const card = make('lying-firmware');
    const status = select(card);
    expect(status['ver']).toBe('1.0.3');
    expect(ask(card, { cmd: 'certs' })['card_nonce']).toEqual(status['card_nonce']);
  });

  it('tampered says so in its status', () => {
    expect(select(make('tampered'))['tampered']).toBe(true);
  });

  it('removed-mid-way is gone until it is laid on again', () => {
    const card = make('removed-mid-way');
    select(card);
    expect(card.respond(commandApdu(check))).toEqual({ kind: 'removed' });
    expect(card.respond(selectApdu)).toEqual({ kind: 'removed' });
    card.reset();
    expect(select(card)['ver']).toBe('1.0.3');
  });

  it('mute never answers check', () => {
    const card = make('mute');
    select(card);
    expect(card.respond(commandApdu(check))).toEqual({ kind: 'silence' });
  });

  it('garbage answers 48 random bytes and 9000', () => {
    const card = make('garbage');
    select(card);
    const answer = exchange(card, commandApdu({ cmd: 'certs' }));
    expect(answer).toHaveLength(50);
    expect(statusWord(answer)).toBe('9000');
  });

  it('endless is cut off by the card connection', async () => {
    const card = openCard(openVirtualCard(make('endless')), () => 0);
    await card.transmit(selectApdu, 'proof');
    await expect(card.transmit(commandApdu({ cmd: 'certs' }), 'proof')).rejects.toMatchObject({
      code: 'READER_TRANSPORT',
    });
  });

  it('oversized sends a chain of 900 signatures that a reader can still carry', () => {
    const card = make('oversized');
    select(card);
    const answer = exchange(card, commandApdu({ cmd: 'certs' }));
    expect(answer.length).toBeGreaterThan(60_000);
    expect(answer.length).toBeLessThan(65_536);
  });

  it('refuses answers check with 404 for ever', () => {
    const card = make('refuses');
    select(card);
    for (let i = 0; i < 5; i += 1) expect(ask(card, check)['code']).toBe(404);
  });

  it('unlucky answers the third time, with the nonce it had at first', () => {
    const card = make('unlucky');
    const status = select(card);
    expect([ask(card, check), ask(card, check)].map((answer) => answer['code'])).toEqual([
      205, 205,
    ]);
    const signed = message(bytesOf(status, 'card_nonce'), appNonce);
    const signature = bytesOf(ask(card, check), 'auth_sig');
    expect(isSignedBy(signature, signed, bytesOf(status, 'pubkey'))).toBe(true);
    card.reset();
    select(card);
    expect(ask(card, check)['code']).toBe(205);
  });
});
