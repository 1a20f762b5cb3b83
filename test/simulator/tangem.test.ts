/** The layers around the protocol: selection, lengths, forbidden commands, random bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSimulatedCard, findSimulation } from '../../src/simulator/index.ts';
import {
  apdu,
  attestBody,
  challenge,
  idOf,
  make,
  readBody,
  readCard,
  selectApdu,
  send,
  uidApdu,
  value,
  wrongCodesOf,
} from './tangem-client.ts';
import { buildTlv, crcA, isLuhn, isSignedBy } from './tangem-formulas.ts';
import { exchange, seeded, statusWord } from './tap-client.ts';

const defaultRead =
  '00f2000000002510' + '2091b4d142823f7d20c5f08df69122de43f35f057a988d9619f6d3138485c9a203230101';

describe('the formulas of these tests', () => {
  it('bear out the published signatures of card CB41000000001251', () => {
    // tangem-sdk-android OnlineAttestationVerifierTest.kt @4e4d2627 (MIT)
    const bytes = (hex: string) => Buffer.from(hex, 'hex');
    const cardKey = bytes(
      '04DECC5E22EBD007B8A35D6F64C02B3AF554F25F43BE2BEC26BEFA57863D3D8ECE28B9826AC795B8CC88C35980C53C82921D04623FCDDFDF41A579ED11507F71F7',
    );
    const issuer = bytes(
      '048196AA4B410AC44A3B9CCE18E7BE226AEA070ACC83A9CF67540FAC49AF25129F6A538A28AD6341358E3C4F9963064F7E365372A651D374E5C23CDD37FD099BF2',
    );
    const manufacturer = bytes(
      '02630EC6371DA464986F51346B64E6A9711C530B1DD5FC3A145414373C231F7862',
    );
    const byIssuer = bytes(
      '5AD492E6B2C5E0EB25BE3C87A43ABEF2679A885840B888A9B912D1AA511C6CB5CD3D411725CE70BF84545F9D4075A7B8F7D3E6C7A1C9C71BC9C377FAA7215BB3',
    );
    const byManufacturer = bytes(
      '780110E038108B4C7965565F951629897FA50C6B1D03C21E6410A5AE16DB5533F179260502986E85633801C30DBC57B7F9C03E35F55CDA750D42ED5EE8E643B3',
    );
    const compressed = Buffer.concat([Buffer.of(2), issuer.subarray(1, 33)]);
    expect(isSignedBy(byIssuer, cardKey, issuer)).toBe(true);
    expect(isSignedBy(byIssuer, issuer, issuer)).toBe(false);
    expect(isSignedBy(byManufacturer, compressed, manufacturer)).toBe(true);
    expect(isSignedBy(byManufacturer, issuer, manufacturer)).toBe(false);
  });

  it('bear out the check digits of published card IDs', () => {
    const published = ['CB41000000001251', 'BB00000000000015', 'AC07000000035437'];
    for (const id of published) expect(isLuhn(id), id).toBe(true);
    expect(isLuhn('CB41000000001252')).toBe(false);
  });

  it('give the CRC of the examples in ISO/IEC 14443-3 annex B', () => {
    expect(crcA(Buffer.of(0, 0)).toString('hex')).toBe('a01e');
    expect(crcA(Buffer.of(0x12, 0x34)).toString('hex')).toBe('26cf');
  });
});

describe('selection', () => {
  it.each([
    [
      'nothing known before SELECT',
      [
        [defaultRead, '6d00'],
        ['00f8000000', '6d00'],
        ['', '6d00'],
      ],
    ],
    [
      'the card manager not found, and nothing selected after it',
      [
        ['00a4040008a000000812010208', '9000'],
        ['00a4040000', '6a82'],
        [defaultRead, '6d00'],
      ],
    ],
    [
      'another applet not found, and nothing selected after it',
      [
        ['00a4040008a00000081201020800', '9000'],
        ['00a404000ff0436f696e6b697465434152447631', '6a82'],
        [defaultRead, '6d00'],
      ],
    ],
    [
      'lengths that disagree refused',
      [
        ['00a4040008a000000812010208', '9000'],
        [`00f2000000002610${defaultRead.slice(16)}`, '6700'],
        [`${defaultRead}00`, '6700'],
        ['00f200000000', '6700'],
        ['00f20000000000', '6a86'],
        ['00f2000000000000', '6700'],
        ['00f2000003230101ffff', '6700'],
      ],
    ],
    [
      'bodies that are no TLV refused',
      [
        ['00a4040008a000000812010208', '9000'],
        ['00f2000002230f', '6a86'],
        ['00f200000123', '6a86'],
        ['00f2000003ffff01', '6a86'],
      ],
    ],
  ])('gives %s', (_, exchanges) => {
    const card = createSimulatedCard('tangem', 'wiped', seeded('selection'));
    card.reset();
    for (const [command = '', sw] of exchanges) {
      const answer = exchange(card, Buffer.from(command, 'hex'));
      expect(Buffer.from(answer).toString('hex'), command).toBe(sw);
    }
  });

  it('is lost when the power goes', () => {
    const card = make('genuine');
    expect(readCard(card).sw).toBe('9000');
    card.reset();
    expect(readCard(card).sw).toBe('6d00');
  });

  it('is not needed for the UID, which a unit keeps', () => {
    const card = createSimulatedCard('tangem', 'genuine', seeded('uid'), 'a');
    card.reset();
    const answer = exchange(card, uidApdu);
    expect(answer).toHaveLength(9);
    expect(answer[0]).toBe(0x04);
    expect(statusWord(answer)).toBe('9000');
    expect(exchange(make('set-up', 'a'), uidApdu)).toEqual(answer);
    expect(exchange(make('set-up', 'b'), uidApdu)).not.toEqual(answer);
  });
});

describe('forms of commands', () => {
  it('READ as the maker sends it, with Le, and short, gets the same answer', () => {
    const card = make('genuine');
    const body = readBody();
    const short = Buffer.concat([Buffer.of(0, 0xf2, 0, 0, body.length), body]);
    const plain = exchange(card, Buffer.from(defaultRead, 'hex'));
    expect(statusWord(plain)).toBe('9000');
    for (const command of [
      Buffer.concat([apdu(0xf2, body), Buffer.of(0, 0)]),
      short,
      Buffer.concat([short, Buffer.of(0)]),
      apdu(0xf2, buildTlv([0x77, Buffer.alloc(400)], [0x23, Buffer.of(1)])),
    ]) {
      expect(exchange(card, command)).toEqual(plain);
    }
  });

  it.each([
    ['another card ID', attestBody(Buffer.alloc(8))],
    ['no card ID', attestBody(undefined)],
  ])('ATTEST CARD KEY with %s is refused', (_, body) => {
    expect(send(make('genuine'), 0xf3, body).sw).toBe('6a86');
  });

  it.each([0, 15, 17, 32])('a challenge of %i bytes is refused', (length) => {
    const card = make('genuine');
    const nonce = Buffer.alloc(length, 7);
    expect(send(card, 0xf3, attestBody(idOf(card), { nonce })).sw).toBe('6a86');
    const old = make('old-cos');
    expect(send(old, 0xf3, attestBody(idOf(old), { nonce })).sw).toBe('6a86');
  });
});

describe('commands that no check may send', () => {
  const forbidden = [
    0x01, 0xb0, 0xc0, 0xcb, 0xd0, 0xd1, 0xd2, 0xd5, 0xd6, 0xe0, 0xe1, 0xe2, 0xe3, 0xe6, 0xe7, 0xe8,
    0xe9, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef, 0xf1, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xfa, 0xfb, 0xfc,
    0xfe,
  ];

  it('are counted and refused, whatever state the card is in', () => {
    for (const id of ['genuine', 'used', 'code-set', 'encryption-strong', 'code-set-v8']) {
      const card = make(id);
      const before = readCard(card);
      for (const [i, ins] of forbidden.entries()) {
        expect(send(card, ins, attestBody(challenge.subarray(8))).sw).toBe('6d00');
        expect(card.forbiddenCommands).toBe(i + 1);
      }
      expect(send(card, 0xfb, Buffer.alloc(0), 0x10).sw).toBe('6d00');
      expect(readCard(card)).toEqual(before);
      card.reset();
      expect(card.forbiddenCommands).toBe(forbidden.length + 1);
    }
  });

  it('are none of the harmless ones', () => {
    const card = make('genuine');
    exchange(card, selectApdu);
    exchange(card, uidApdu);
    for (const ins of [0xa4, 0xf2, 0xf3, 0xf9, 0xff, 0xd3]) send(card, ins, readBody());
    exchange(card, selectApdu);
    expect(send(card, 0xf9, readBody()).sw).toBe('6d00');
    expect(send(card, 0xd3, readBody()).sw).toBe('6d00');
    expect(card.forbiddenCommands).toBe(0);
    expect(wrongCodesOf(card)).toBe(0);
  });
});

describe('the cases', () => {
  it('are these, and a new card of each has seen nothing wrong', () => {
    const { cases } = findSimulation('tangem');
    expect(cases.map(({ id }) => id)).toEqual([
      ...['genuine', 'genuine-wallet', 'genuine-v8', 'old-cos', 'first-cos'],
      ...['encryption-fast', 'encryption-strong', 'pause'],
      ...['set-up', 'code-set', 'code-set-old', 'code-set-v8', 'imported', 'used', 'used-wallet'],
      ...['wiped', 'purged', 'set-primary', 'set-backup-1', 'set-backup-2', 'tampered-health'],
      ...['wrong-issuer', 'sdk-key', 'copied-id', 'hidden-backup', 'hidden-links', 'developer'],
      ...['lying-key', 'replayed', 'endless-pause', 'refuses', 'garbage', 'oversized'],
      ...['removed-mid-way', 'mute', 'endpoint-down', 'endpoint-empty', 'endpoint-malformed'],
      ...['endpoint-wrong', 'endpoint-mute', 'endpoint-refuses'],
    ]);
    for (const { id } of cases) {
      const card = make(id);
      expect([card.forbiddenCommands, wrongCodesOf(card)], id).toEqual([0, 0]);
      expect(card.askMaker, id).toBeDefined();
    }
  });
});

describe('random bytes', () => {
  const ids = findSimulation('tangem').cases.map(({ id }) => id);
  const command = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(
        fc.constantFrom(0xa4, 0xf2, 0xf3, 0xf9, 0xff, 0xd3, 0xfb),
        fc.constantFrom(0, 1, 2, 0x10, 0x11),
        fc.constantFrom(0, 1, 2, 0x10),
        fc.oneof(fc.uint8Array({ maxLength: 200 }), randomTlv()),
      )
      .map(([ins, p1, p2, body]) => apdu(ins, body, p1, p2)),
  );

  it('never throw out of a card', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ids), fc.array(command, { maxLength: 12 }), (id, commands) => {
        const card = make(id);
        for (const bytes of commands) {
          const reply = card.respond(bytes);
          if (reply.kind === 'answer') expect(reply.bytes.length).toBeGreaterThanOrEqual(2);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('never throw out of the maker', () => {
    const text = fc.option(fc.string({ maxLength: 140 }), { nil: undefined });
    fc.assert(
      fc.property(text, text, (card_id, card_public_key) => {
        const card = make('genuine', 'maker');
        expect(card.askMaker?.({ card_id, card_public_key })).toMatchObject({ status: 404 });
      }),
      { numRuns: 50 },
    );
  });

  function randomTlv() {
    const tag = fc.constantFrom(0x01, 0x10, 0x16, 0x1a, 0x1b, 0x23, 0x65);
    const field = fc.oneof(
      fc.tuple(tag, fc.uint8Array({ maxLength: 70 })),
      fc.constant([0x23, Uint8Array.of(0x10)] as [number, Uint8Array]),
      fc.constant([0x16, new Uint8Array(16)] as [number, Uint8Array]),
    );
    return fc.array(field, { maxLength: 5 }).map((fields) => buildTlv(...fields));
  }
});

it('shows the same ID as long as it is the same unit', () => {
  expect(value(readCard(make('genuine', 'a')).tlv, 0x01)).toEqual(idOf(make('set-up', 'a', 'x')));
});
