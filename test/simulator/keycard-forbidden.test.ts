/** What no check may send: counted, refused, without effect; and random bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keycard } from '../../src/simulator/keycard/index.ts';
import {
  type Application,
  apdu,
  challenge,
  clientKey,
  make,
  portrait,
  select,
  selectApdus,
  send,
  sendHex,
} from './keycard-client.ts';

/** What only the owner or the factory may send (status-keycard @a61616a and 3.2, INS constants). */
const forbidden = [
  ...[0x11, 0x12, 0x13, 0x18, 0x20, 0x21, 0x22, 0xc1, 0xc2, 0xc3, 0xc5],
  ...[0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xe2, 0xfd, 0xfe],
  // Of the card manager: keys, channels, content.
  ...[0x50, 0x82, 0xd8, 0xe4, 0xe6, 0xe8, 0xf0],
];

describe('commands that no check may send', () => {
  it.each(['genuine', 'used', 'old-applet', 'genuine-40', 'used-40', 'uncertified-40', 'clone'])(
    '%s refuses and counts them, and stays as it was',
    (caseId) => {
      const card = make(caseId);
      const before = portrait(card);
      let count = 0;
      for (const application of Object.keys(selectApdus) as Application[]) {
        for (const ins of forbidden) {
          select(card, application);
          for (const data of [Buffer.alloc(0), challenge]) {
            count += 1;
            expect(send(card, apdu(ins, data)).sw).toMatch(/^6(?:d00|985|982)$/);
            expect(card.forbiddenCommands, ins.toString(16)).toBe(count);
          }
        }
      }
      expect(portrait(card)).toBe(before);
      card.reset();
      expect(card.forbiddenCommands).toBe(count);
    },
  );

  it('are SIGN, which shares its instruction with GET RESPONSE, once it has data', () => {
    const card = make('used');
    select(card, 'keycard');
    send(card, apdu(0xc0));
    sendHex(card, '00c0000000');
    expect(card.forbiddenCommands).toBe(0);
    expect(send(card, apdu(0xc0, challenge)).sw).toBe('6985');
    expect(card.forbiddenCommands).toBe(1);
  });

  it.each([
    ['genuine', 1],
    ['used', 1],
    ['old-applet', 1],
    ['genuine-40', 0],
    ['uncertified-40', 0],
  ])('are OPEN SECURE CHANNEL before 4.0: %s counts %i', (caseId, count) => {
    const card = make(caseId);
    select(card, 'keycard');
    send(card, apdu(0x10, Buffer.concat([challenge, clientKey])));
    expect(card.forbiddenCommands).toBe(count);
  });

  it('are INIT and FACTORY RESET as they were recorded', () => {
    const card = make('genuine');
    select(card, 'keycard');
    expect(sendHex(card, '80fdaa5500').sw).toBe('6d00');
    expect(send(card, apdu(0xfe, clientKey)).sw).toBe('6985');
    const used = make('used');
    select(used, 'keycard');
    expect(sendHex(used, '80fdaa5500').sw).toBe('6985');
    expect([card.forbiddenCommands, used.forbiddenCommands]).toEqual([2, 1]);
  });

  it('are counted by their instruction, whatever the lengths', () => {
    const card = make('genuine');
    select(card, 'keycard');
    expect(sendHex(card, '80fe000005').sw).toBe('6985');
    expect(sendHex(card, '80fe00000501').sw).toBe('6700');
    expect(card.forbiddenCommands).toBe(2);
  });
});

describe('random bytes', () => {
  const ids = keycard.cases.map(({ id }) => id);
  const command = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom<Uint8Array>(...Object.values(selectApdus)),
    fc
      .tuple(
        fc.oneof(fc.constantFrom(0x10, 0x14, 0xf2, 0xca, 0xc0, 0x18), fc.nat(255)),
        fc.oneof(
          fc.uint8Array({ maxLength: 120 }),
          fc.uint8Array({ minLength: 32, maxLength: 32 }),
          fc.constant(Buffer.concat([challenge, clientKey])),
        ),
        fc.constantFrom(0, 1, 0xaa),
      )
      .map(([ins, data, p1]) => apdu(ins, data, p1)),
  );

  it('never throw out of a card, and never change it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ids), fc.array(command, { maxLength: 12 }), (id, commands) => {
        // The same generator in both, so that what is random by nature stays comparable.
        const [card, untouched] = [make(id, 'a'), make(id, 'a')];
        for (const bytes of commands) {
          const reply = card.respond(bytes);
          if (reply.kind === 'answer') expect(reply.bytes.length).toBeGreaterThanOrEqual(2);
        }
        card.reset();
        for (const application of ['ident', 'cash', 'keycard'] as const) {
          expect(select(card, application)).toEqual(select(untouched, application));
        }
        if (!['garbage', 'endless'].includes(id)) {
          expect(card.respond(apdu(0x14, challenge))).toEqual(
            untouched.respond(apdu(0x14, challenge)),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are counted exactly when the instruction is not harmless', () => {
    const harmless = [0x14, 0x84, 0xa4, 0xb0, 0xca, 0xf2];
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.boolean(),
        fc.constantFrom<Application>('keycard', 'manager'),
        (ins, hasData, application) => {
          const [old, v4] = [make('used'), make('used-40')];
          for (const card of [old, v4]) {
            select(card, application);
            card.respond(apdu(ins, hasData ? challenge : Buffer.alloc(0)));
            const allowed =
              harmless.includes(ins) || (ins === 0xc0 && !hasData) || (ins === 0x10 && card === v4);
            expect(card.forbiddenCommands).toBe(allowed ? 0 : 1);
          }
        },
      ),
    );
  });
});
