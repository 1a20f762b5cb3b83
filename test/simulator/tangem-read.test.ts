/** What READ says: fields by version, wallets and pages, access codes. */
import { describe, expect, it } from 'vitest';
import {
  all,
  apdu,
  attestBody,
  find,
  idOf,
  make,
  ownCode,
  readBody,
  readCard,
  readWallets,
  send,
  value,
  wrongCodesOf,
} from './tangem-client.ts';
import { buildTlv, parseTlv, type Tlv } from './tangem-formulas.ts';

const tagsOf = (tlv: Tlv) => tlv.map(([tag]) => tag.toString(16).padStart(2, '0')).join(' ');
const byte = (tlv: Tlv, tag: number) => find(tlv, tag)?.readUIntBE(0, find(tlv, tag)?.length ?? 1);
const text = (tlv: Tlv, tag: number) => value(tlv, tag).toString('latin1');

describe('READ of the card', () => {
  it.each([
    ['first-cos', '1.28r', 65, '01 02 80 03 0a 0c 30 0f', '81 82 83 84 86'],
    ['old-cos', '3.05r', 65, '01 20 02 80 03 0a 0c 30 05 08 07 09 0f', '81 8a 82 83 84 86'],
    ['wiped', '4.12r', 65, '01 20 02 80 03 0a 0c 30 05 08 07 09 0f 66 59', '81 8a 82 83 86'],
    [
      'genuine-wallet',
      '4.52r',
      33,
      '01 20 02 80 03 0a 0c 30 05 08 07 09 0f 66 59 5a d0 2f',
      '81 8a 82 83 86',
    ],
    [
      'used',
      '6.33r',
      33,
      '01 20 02 80 03 0a 0c 30 05 08 07 09 0f 66 59 5a d0 d1 2f',
      '81 8a 82 83 86',
    ],
    [
      'genuine-v8',
      '8.58r',
      33,
      '01 20 02 80 03 0a 0c 30 05 08 07 09 0f 66 59 5a d0 2f',
      '81 8a 82 83',
    ],
    ['sdk-key', '2.42d SDK', 65, '01 20 02 80 03 0a 0c 30 05 08 07 09 0f', '81 8a 82 83 84 86'],
    [
      'developer',
      '6.33d SDK',
      33,
      '01 20 02 80 03 0a 0c 30 05 08 07 09 0f 66 59 5a d0 2f',
      '81 8a 82 83 86',
    ],
  ])('%s has the fields of its firmware', (id, firmware, keyBytes, tags, dataTags) => {
    const { sw, tlv } = readCard(make(id));
    expect(sw).toBe('9000');
    expect(text(tlv, 0x80)).toBe(`${firmware}\0`);
    expect(tagsOf(tlv)).toBe(tags);
    expect(tagsOf(parseTlv(value(tlv, 0x0c)))).toBe(dataTags);
    expect([value(tlv, 0x03).length, value(tlv, 0x30).length]).toEqual([keyBytes, keyBytes]);
    expect(byte(tlv, 0x0f)).toBe(0);
  });

  it.each([
    ['genuine', 'af07'],
    ['genuine-wallet', 'ac07'],
    ['genuine-v8', 'af08'],
    ['old-cos', '0052'],
    ['first-cos', '0022'],
    ['sdk-key', 'ffff'],
  ])('%s is of batch %s', (id, batch) => {
    const data = parseTlv(value(readCard(make(id)).tlv, 0x0c));
    expect(value(data, 0x81).toString('hex')).toBe(batch);
    expect(value(data, 0x82)).toHaveLength(4);
  });

  it.each([
    ['genuine', 1, 0],
    ['set-up', 2, 0],
    ['imported', 2, 0],
    ['used', 2, 2],
    ['hidden-links', 2, 2],
    ['hidden-backup', 1, 0],
    ['wiped', 1, undefined],
    ['purged', 3, undefined],
    ['set-backup-1', 2, 2],
  ])('%s reports card status %i and backup status %s', (id, status, backup) => {
    const { tlv } = readCard(make(id));
    expect([byte(tlv, 0x02), byte(tlv, 0xd0)]).toEqual([status, backup]);
    expect(byte(tlv, 0xd1)).toBe(backup === 2 ? 2 : undefined);
  });

  it('shows damage', () => {
    expect((byte(readCard(make('tampered-health')).tlv, 0x0f) ?? 0) & 0x7f).not.toBe(0);
  });
});

describe('wallets', () => {
  it.each([
    ['genuine', 20, 3, []],
    ['used-wallet', 36, 4, [2, 2]],
    ['used', 20, 3, [2, 2]],
    ['imported', 20, 3, [0x42]],
    ['set-primary', 20, 3, [0x82, 0x82]],
    ['wiped', 2, 1, [3]],
    ['genuine-v8', 20, 3, []],
    ['code-set', 20, 3, [2]],
  ])('%s lists %i slots on %i pages', (id, slots, pages, statuses) => {
    const card = make(id);
    expect(byte(readCard(card).tlv, 0x66)).toBe(slots);
    const { records, pages: read } = readWallets(card);
    expect(read).toBe(pages);
    expect(records.map((record) => byte(record, 0x65))).toEqual([...Array(slots).keys()]);
    const expected = Array.from({ length: slots }, (_, i) => statuses[i] ?? 1);
    expect(records.map((record) => byte(record, 0x02))).toEqual(expected);
    for (const record of records) {
      const holdsKey = ![1, 3].includes(byte(record, 0x02) ?? 0);
      expect(find(record, 0x60) !== undefined).toBe(holdsKey);
      expect(find(record, 0x6b)?.length).toBe(holdsKey ? 32 : undefined);
    }
  });

  it('of a used card have signed', () => {
    for (const id of ['used', 'used-wallet']) {
      const { records } = readWallets(make(id));
      expect(records.slice(0, 2).map((record) => byte(record, 0x63))).toEqual([17, 3]);
      expect(records.slice(0, 2).map((record) => text(record, 0x05))).toEqual([
        'secp256k1\0',
        'ed25519\0',
      ]);
      expect(records.slice(0, 2).map((record) => value(record, 0x60).length)).toEqual([33, 32]);
    }
  });

  it('are the same on all cards of a set', () => {
    const keysOf = (id: string) =>
      readWallets(make(id, 'one set')).records.map((record) => find(record, 0x60));
    expect(keysOf('set-backup-1')).toEqual(keysOf('set-primary'));
    expect(keysOf('set-backup-2')).toEqual(keysOf('set-primary'));
  });

  it('can be read one by one', () => {
    const card = make('used');
    const { records } = readWallets(card);
    for (const slot of [0, 1, 19]) {
      const { sw, tlv } = send(card, 0xf2, readBody(2, slot));
      expect(sw).toBe('9000');
      expect(tlv.slice(1)).toEqual(records[slot]);
    }
    expect(send(card, 0xf2, readBody(2, 20)).sw).toBe('6a86');
    expect(send(card, 0xf2, readBody(2)).sw).toBe('6a86');
  });

  it('end where the slots end, and unknown modes are refused', () => {
    const card = make('genuine');
    expect(send(card, 0xf2, readBody(3, 20)).sw).toBe('6a86');
    expect(send(card, 0xf2, readBody(3, 255)).sw).toBe('6a86');
    expect(send(card, 0xf2, readBody(4)).sw).toBe('6a86');
    expect(send(card, 0xf2, readBody(9)).sw).toBe('6a86');
    expect(send(card, 0xf2, buildTlv()).sw).toBe('6a86');
  });

  it('of COS 8 come without card ID, with the hash of the backup and the master secret', () => {
    const empty = send(make('genuine-v8'), 0xf2, readBody(3)).tlv;
    expect(find(empty, 0x01)).toBeUndefined();
    expect(value(empty, 0x42)).toEqual(Buffer.alloc(8));
    expect(tagsOf(send(make('genuine-v8'), 0xf2, readBody(4)).tlv)).toBe('02');
    expect(tagsOf(send(make('code-set-v8'), 0xf2, readBody(4)).tlv)).toBe('02 60 6b');
  });

  it('stand among the fields of the card before COS 4, whatever the mode', () => {
    const card = make('code-set-old');
    const everything = readCard(card, ownCode);
    expect(tagsOf(everything.tlv)).toBe('01 20 02 80 03 0a 0c 30 05 08 07 09 60 62 63 0f');
    expect(byte(everything.tlv, 0x02)).toBe(2);
    for (const mode of [2, 3]) {
      expect(send(card, 0xf2, readBody(mode, 0, ownCode))).toEqual(everything);
    }
  });
});

describe('access codes', () => {
  it('an old card shows nothing without its code, and counts', () => {
    const card = make('code-set-old');
    expect(readCard(card).sw).toBe('6a86');
    expect(wrongCodesOf(card)).toBe(1);
    expect(readCard(card, '111111').sw).toBe('6a86');
    expect(send(card, 0xf2, buildTlv()).sw).toBe('6a86');
    expect(wrongCodesOf(card)).toBe(2);
    const id = idOf(card, ownCode);
    expect(send(card, 0xf3, attestBody(id)).sw).toBe('6a86');
    expect(send(card, 0xf3, attestBody(id, { code: null })).sw).toBe('6a86');
    expect(send(card, 0xf3, attestBody(id, { code: ownCode })).sw).toBe('9000');
    expect(wrongCodesOf(card)).toBe(3);
  });

  it('a newer card shows itself to anybody, but proves itself with the code only', () => {
    const card = make('code-set');
    const shown = readCard(card);
    expect(shown.sw).toBe('9000');
    expect(find(shown.tlv, 0x5a)).toBeUndefined();
    expect(find(shown.tlv, 0x59)).toBeDefined();
    expect(readCard(card, ownCode)).toEqual(shown);
    expect(send(card, 0xf2, buildTlv([0x23, Buffer.of(1)]))).toEqual(shown);
    expect(wrongCodesOf(card)).toBe(0);
    const id = value(shown.tlv, 0x01);
    expect(send(card, 0xf3, attestBody(id, { code: null })).sw).toBe('6af1');
    expect(wrongCodesOf(card)).toBe(0);
    expect(send(card, 0xf3, attestBody(id)).sw).toBe('6af1');
    expect(wrongCodesOf(card)).toBe(1);
    expect(send(card, 0xf3, attestBody(id, { code: ownCode })).sw).toBe('9000');
    expect(wrongCodesOf(card)).toBe(1);
  });

  it.each([
    ['genuine', '9000', '6af1'],
    ['genuine-wallet', '9000', '6af1'],
    ['wiped', '6a86', '6a86'],
    ['old-cos', '6a86', '6a86'],
  ])('the default code of %s may be left out: %s; another: %s', (id, without, other) => {
    const card = make(id);
    const cardId = idOf(card);
    expect(send(card, 0xf3, attestBody(cardId)).sw).toBe('9000');
    expect(send(card, 0xf3, attestBody(cardId, { code: null })).sw).toBe(without);
    expect(wrongCodesOf(card)).toBe(0);
    expect(send(card, 0xf3, attestBody(cardId, { code: ownCode })).sw).toBe(other);
    expect(wrongCodesOf(card)).toBe(1);
  });
});

describe('broken cards', () => {
  it('garbage answers 40 random bytes and 9000', () => {
    const card = make('garbage');
    const first = readCard(card);
    expect([first.sw, first.body.length]).toEqual(['9000', 40]);
    expect(readCard(card).body).not.toEqual(first.body);
  });

  it('oversized answers 60,000 bytes that a reader can still carry', () => {
    const { sw, body, tlv } = readCard(make('oversized'));
    expect(sw).toBe('9000');
    expect(body.length).toBeGreaterThanOrEqual(59_900);
    expect(body.length).toBeLessThan(65_000);
    expect(all(tlv, 0xc1).length).toBe(tlv.length);
  });

  it.each([
    ['removed-mid-way', 'removed'],
    ['mute', 'silence'],
  ])('%s: the attestation is met by %s', (id, kind) => {
    const card = make(id);
    const attestation = apdu(0xf3, attestBody(idOf(card)));
    expect(card.respond(attestation)).toEqual({ kind });
    const next = card.respond(Buffer.from('ffca000000', 'hex')).kind;
    expect(next).toBe(kind === 'removed' ? 'removed' : 'answer');
    card.reset();
    expect(card.respond(Buffer.from('ffca000000', 'hex')).kind).toBe('answer');
  });

  it('refuses says so', () => {
    const card = make('refuses');
    expect(send(card, 0xf3, attestBody(idOf(card))).sw).toBe('6985');
  });

  it('pause asks six times, less and less, for each attestation anew', () => {
    const card = make('pause');
    const body = attestBody(idOf(card));
    for (let round = 0; round < 2; round += 1) {
      const answers = Array.from({ length: 7 }, () => send(card, 0xf3, body));
      expect(answers.map(({ sw }) => sw)).toEqual([...Array(6).fill('9789'), '9000']);
      const rest = answers.slice(0, 6).map(({ tlv }) => byte(tlv, 0x1c));
      expect(rest).toEqual([1500, 1250, 1000, 750, 500, 250]);
      const flashes = answers.slice(0, 6).map(({ tlv }) => find(tlv, 0x28) !== undefined);
      expect(flashes).toEqual([true, false, false, false, false, false]);
    }
  });

  it('pause starts again for another attestation, but not after a reset', () => {
    const card = make('pause');
    const id = idOf(card);
    const body = attestBody(id);
    for (let i = 0; i < 3; i += 1) send(card, 0xf3, body);
    card.reset();
    card.respond(Buffer.from('00a4040008a000000812010208', 'hex'));
    expect(byte(send(card, 0xf3, body).tlv, 0x1c)).toBe(750);
    const other = attestBody(id, { nonce: Buffer.alloc(16, 1) });
    expect(byte(send(card, 0xf3, other).tlv, 0x1c)).toBe(1500);
  });

  it('endless-pause never answers', () => {
    const card = make('endless-pause');
    const body = attestBody(idOf(card));
    for (let i = 0; i < 100; i += 1) expect(send(card, 0xf3, body).sw).toBe('9789');
  });
});
