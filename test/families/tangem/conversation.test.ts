import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { defaultCodeHash, ReadMode, Tag } from '../../../src/families/tangem/constants.ts';
import { readConversation, unanswered } from '../../../src/families/tangem/conversation.ts';
import {
  encodeAttest,
  encodeRead,
  encodeTangemCommand,
} from '../../../src/families/tangem/messages.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { encodeElements, parseElements } from '../../../src/families/tangem/tlv.ts';
import type { RecordedExchange } from '../../../src/reader/card.ts';
import {
  attest,
  bytes,
  cardFields,
  cardId,
  cardKey,
  challenge,
  emptySlots,
  exchange,
  filled,
  keyPair,
  linesOf,
  nameOf,
  read,
  salt,
  select,
  slot,
  sw,
  text,
  tlv,
  wallets,
} from '../../support/tangem-cards.ts';
import { simulateTangem } from '../../support/tangem-evidence.ts';

/** Why a transcript is not read; "read" when it is. */
function fault(...transcript: readonly RecordedExchange[]): string {
  try {
    readConversation(transcript);
    return 'read';
  } catch (error) {
    expect(error).toBeInstanceOf(EvidenceError);
    return (error as EvidenceError).message;
  }
}

const withFirmware = (response: Uint8Array, version: string) => {
  const elements = parseElements(response.subarray(0, -2)).map(
    ([tag, value]) => [tag, tag === Tag.firmware ? text(version) : value] as const,
  );
  return concat(encodeElements(elements), sw(0x9000));
};
const otherId = bytes(0xaf, 0x07, 0, 0, 0, 0, 0, 1);
const pause = (command: RecordedExchange) => ({
  ...command,
  response: concat(tlv({ [Tag.pause]: bytes(1, 0) }), sw(0x9789)),
});
const stranger = (ins: number) => exchange(encodeTangemCommand(ins, []), filled(2, 0x90));

describe('a whole conversation', () => {
  const whole = [select(), read(), emptySlots, attest()];

  it('is read', () => {
    const { card, slots, attest: answer, open, backupHash } = readConversation(whole);
    expect(card?.cardId).toEqual(cardId);
    expect(card?.key?.compressed).toEqual(cardKey.publicKey);
    expect(slots.map(({ kind }) => kind)).toEqual(['empty', 'empty']);
    expect(answer).toMatchObject({ challenge, full: false, salt, linked: [] });
    expect(answer?.signature.length).toBe(64);
    expect(open.size).toBe(0);
    expect(backupHash).toBeUndefined();
  });

  it.each([
    ['8.58r', 'read', 'read'],
    ['8.0r', 'read', 'read'],
    ['7.99r', '3: tag 01: missing', '3: tag 01: missing'],
    ['6.33r', '3: tag 01: missing', '3: tag 01: missing'],
    [undefined, '3: tag 01: missing', '3: tag 01: missing'],
  ])('names the card in every answer before COS 8 (%s)', (version, list, attestation) => {
    const card = read({ [Tag.firmware]: version === undefined ? undefined : text(version) });
    const nameless = { [Tag.cardId]: undefined };
    expect(fault(select(), card, wallets([slot(1)], 0, nameless))).toContain(list);
    expect(fault(select(), card, attest(nameless))).toContain(attestation);
    expect(fault(select(), card, wallets([slot(1)]), attest())).toBe('read');
    const other = { [Tag.cardId]: otherId };
    expect(fault(select(), card, attest(other))).toContain('another card than at the start');
  });

  it('of a card of COS 8 that claims to be older is not proven', async () => {
    const evidence = await simulateTangem('genuine-v8');
    const proven = prove(evidence);
    const claims = (version: string) => {
      const transcript = evidence.transcript.map((recorded) =>
        nameOf(recorded.command) === 'read'
          ? { ...recorded, response: withFirmware(recorded.response, version) }
          : recorded,
      );
      return prove({ ...evidence, transcript });
    };
    expect(proven.key).toBeDefined();
    expect(claims('8.1r').key).toEqual(proven.key);
    expect(claims('6.33r').key).toBeUndefined();
    expect(linesOf(claims('6.33r'))[0]).toBe('answers live unreadable');
    expect(claims('v8.58r').key).toBeUndefined();
  });

  it.each<[string, Uint8Array]>([
    ['a bare 9001', sw(0x9001)],
    ['a bare 9007', sw(0x9007)],
    ['an FCI', concat(fromHex('6f0a8408a000000812010208'), sw(0x9000))],
    ['no TLV', concat(bytes(0x6f, 0xff), sw(0x9000))],
    ['a tag twice', concat(bytes(1, 0, 1, 0), sw(0x9000))],
    ['more than is read of any other', concat(filled(20_000, 0xff), sw(0x9000))],
  ])('begins with a SELECT that may answer %s', (_, response) => {
    expect(readConversation([select(response), ...whole.slice(1)])).toEqual(
      readConversation(whole),
    );
  });

  it.each([0x6a82, 0x9008, 0x9789, 0x6283])('does not begin with %i to SELECT', (status) => {
    const { open, card } = readConversation([select(sw(status))]);
    expect([open.get('select'), card]).toEqual([status, undefined]);
    expect(fault(select(sw(status)), read())).toContain('2: the application is selected once');
  });

  it('tells whether a code of its owner was sent', () => {
    const code = (value: Uint8Array | undefined) =>
      exchange(
        encodeTangemCommand(0xf2, [
          ...(value === undefined ? [] : [[Tag.pin, value] as const]),
          [Tag.interactionMode, bytes(1)],
        ]),
        cardFields,
      );
    const sent = (...transcript: RecordedExchange[]) => readConversation(transcript).codeSent;
    expect(sent(select(), code(bytes()))).toBe(true);
    expect(sent(select(), code(defaultCodeHash))).toBe(false);
    expect(sent(select(), code(undefined))).toBe(false);
    const asked = encodeAttest({ challenge, cardId, codeHash: bytes(), full: false });
    expect(sent(select(), read(), { ...attest(), command: asked })).toBe(true);
    const hidden = { ...code(bytes()), disclosure: 'private' } as const;
    expect(sent(select(), hidden, read())).toBe(false);
  });

  it('lists linked cards in the order of the card, 8 at most', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => keyPair(name).publicKey);
    const { attest: answer } = readConversation([
      select(),
      read(),
      attest({}, { full: true, linked: keys }),
    ]);
    expect(answer).toMatchObject({ full: true, linked: keys });
  });

  it.each([
    ['a broken record', wallets([filled(3, 0x60)])],
    ['a backup hash of 7 bytes', wallets([slot(1)], 0, { [Tag.backupHash]: filled(7, 1) })],
  ])('goes on after a page with %s, and counts none of its slots', (_, page) => {
    const found = readConversation([select(), read(), page, attest()]);
    expect(found.attest).toBeDefined();
    expect([found.slots, found.backupHash, found.open.get('wallets')]).toEqual([
      [],
      undefined,
      'unreadable',
    ]);
    expect(unanswered(found, 'wallets', 'READ')).toBe(
      'READ: a record of the answer has not its form',
    );
  });

  it('takes the last backup hash that came', () => {
    const hash = (value: number) => ({ [Tag.backupHash]: filled(8, value) });
    const pages = [wallets([slot(1)], 0, hash(1)), wallets([slot(1)], 1, hash(2))];
    expect(readConversation([select(), read(), ...pages]).backupHash).toEqual(filled(8, 2));
    const later = [wallets([slot(1)], 0, hash(1)), wallets([slot(1)], 1)];
    expect(readConversation([select(), read(), ...later]).backupHash).toEqual(filled(8, 1));
  });
});

describe('other commands', () => {
  it.each([
    ['ATTEST WALLET KEY', stranger(0xf9)],
    ['a command of the reader', exchange(fromHex('ffca000000'), filled(9, 1))],
    [
      'READ of one wallet',
      exchange(encodeRead(2, defaultCodeHash, cardId, 1), { [Tag.cardId]: otherId }),
    ],
    ['READ of the master secret', exchange(encodeRead(4, defaultCodeHash), {})],
    [
      'an encrypted READ',
      { ...read(), command: read().command.with(2, 1), response: filled(40, 1) },
    ],
    ['an attestation in another class', { ...attest(), command: attest().command.with(0, 0x80) }],
  ])('%s proves nothing and disturbs nothing', (_, other) => {
    const plain = [select(), read(), emptySlots, attest()];
    const mixed = [select(), other, read(), emptySlots, other, attest(), other];
    expect(readConversation(mixed)).toEqual(readConversation(plain));
  });

  it('a READ without a mode is one of the card', () => {
    const bare = exchange(encodeTangemCommand(0xf2, [[Tag.pin, defaultCodeHash]]), cardFields);
    expect(readConversation([select(), bare]).card?.cardId).toEqual(cardId);
  });
});

describe('private exchanges', () => {
  const hide = (recorded: RecordedExchange) => ({ ...recorded, disclosure: 'private' }) as const;
  it('are not read, wherever they stand', () => {
    const plain = [select(), read(), emptySlots, attest()];
    const hidden = [read({ [Tag.cardId]: otherId }), attest(), select()].map(hide);
    const mixed = plain.flatMap((entry) => [...hidden, entry]);
    expect(readConversation(mixed)).toEqual(readConversation(plain));
  });

  it('cannot stand in for an answer', () => {
    const { attest: answer } = readConversation([select(), read(), hide(attest())]);
    expect(answer).toBeUndefined();
  });

  it('count in the number of an exchange', () => {
    expect(fault(hide(read()), attest())).toMatch(/^exchange 2: /);
  });
});

describe('questions without an answer', () => {
  const why = (...transcript: RecordedExchange[]) =>
    (['select', 'read', 'wallets', 'attest'] as const).map((question) =>
      unanswered(readConversation(transcript), question, question),
    );
  const refused = (recorded: RecordedExchange, status: number) => ({
    ...recorded,
    response: sw(status),
  });

  it('say whether a code was given', () => {
    const asked = encodeAttest({ challenge, cardId, codeHash: bytes(), full: false });
    const coded = { ...attest(), command: asked, response: sw(0x6985) };
    expect(why(select(), read(), coded)[3]).toBe(
      'attest: refused with status 6985; a code was given',
    );
  });

  it('say whether they were asked, refused or put off', () => {
    expect(why(select(), read(), refused(emptySlots, 0x6985), pause(attest()))).toEqual([
      'select: not asked',
      'read: not asked',
      'wallets: refused with status 6985',
      'attest: the card still paused at the end',
    ]);
  });

  it.each([
    [0x6982, 'refused with 6982, it demands an encrypted channel'],
    [0x6af1, 'refused with 6AF1, its access code is needed'],
    [0x6af3, 'refused with 6AF3, it allows this to its owner only'],
    [0x6a86, 'refused with status 6A86'],
  ])('of %i are put into words', (status, words) => {
    expect(why(select(), read(), refused(attest(), status))[3]).toBe(`attest: ${words}`);
  });

  it('are answered by a later try', () => {
    const { open, attest: answer } = readConversation([
      select(),
      refused(read(), 0x6982),
      read(),
      pause(attest()),
      refused(attest(), 0x6982),
      attest(),
    ]);
    expect(open.size).toBe(0);
    expect(answer).toBeDefined();
  });

  it('stay open when the refusal comes last', () => {
    const { open } = readConversation([
      select(),
      read(),
      emptySlots,
      refused(wallets([], 2), 0x6a86),
    ]);
    expect([...open]).toEqual([['wallets', 0x6a86]]);
  });

  it.each([0x9001, 0x9007])('9000 to 9007 are answers (%i)', (status) => {
    const answered = { ...read(), response: concat(read().response.subarray(0, -2), sw(status)) };
    expect(readConversation([select(), answered]).card).toBeDefined();
  });

  it('9008 is none', () => {
    const answered = { ...read(), response: concat(read().response.subarray(0, -2), sw(0x9008)) };
    expect(readConversation([select(), answered]).open.get('read')).toBe(0x9008);
  });
});

it('the mode of the first page may be named with index 0', () => {
  const first = exchange(
    encodeTangemCommand(0xf2, [
      [Tag.interactionMode, bytes(ReadMode.walletsList)],
      [Tag.walletIndex, bytes(0)],
    ]),
    { [Tag.cardId]: cardId, [Tag.wallet]: [slot(2)] },
  );
  const { slots } = readConversation([select(), read({ [Tag.firmware]: text('4.12r') }), first]);
  expect(slots.map(({ kind }) => kind)).toEqual(['loaded']);
});
