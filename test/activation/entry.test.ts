import { createPrivateKey, sign as nodeSign } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import {
  encodeEntry,
  entryMessage,
  parseEntry,
  signEntry,
  verifyEntry,
} from '../../src/activation/entry.ts';
import type { CardEntry, Entry } from '../../src/activation/entry-schema.ts';
import { createOwner } from '../../src/activation/owner.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { LogError } from '../../src/errors/error.ts';
import {
  alice,
  bob,
  cardKey,
  entryBy,
  hex,
  noticeEntry,
  registryEntry,
  shop,
  unsigned,
} from '../support/receipts.ts';

const text = (entry: unknown) => new TextDecoder().decode(encodeEntry(entry as Entry));
const bytes = (value: string) => new TextEncoder().encode(value);

function expectRefused(input: Uint8Array, why: RegExp | string = ''): void {
  const error = (() => {
    try {
      return parseEntry(input);
    } catch (caught) {
      return caught;
    }
  })();
  expect(error).toBeInstanceOf(LogError);
  expect(error).toMatchObject({ code: 'ENTRY_INVALID', message: expect.stringMatching(why) });
}

const good: readonly (readonly [string, Entry])[] = [
  ['observed by nobody', entryBy('observed')],
  ['observed by a shop', entryBy('observed', undefined, shop)],
  ['observed by an owner', entryBy('observed', alice)],
  ['activated', entryBy('activated', alice)],
  ['activated through a shop', entryBy('activated', alice, shop)],
  ['reverified', entryBy('reverified', alice)],
  ['retired', entryBy('retired', alice)],
  ['disputed', entryBy('disputed', alice)],
  ['a registry', registryEntry],
  ['a notice', noticeEntry],
];

describe('an entry', () => {
  test.each(good)('%s: to bytes and back', (_name, entry) => {
    const encoded = encodeEntry(entry);
    expect(parseEntry(encoded)).toEqual(entry);
    expect(encodeEntry(parseEntry(encoded))).toEqual(encoded);
    expect(verifyEntry(parseEntry(encoded))).toEqual({ ok: true });
  });

  it('has this very form', () => {
    expect(text(registryEntry)).toBe(
      `{"hour":"2026-11-26T12Z","kind":"registry","registry":{"hash":"${hex('registry')}","serial":3},"schema":"touchstone.entry/1"}`,
    );
    expect(text(entryBy('retired', alice))).toMatch(
      /^\{"card":\{"family":"coinkite-tap","key":"[0-9a-f]{64}"\},"demo":true,"hour":"2026-11-26T12Z","kind":"card","owner":"[0-9a-f]{64}","schema":"touchstone.entry\/1","signatures":\{"owner":\{"key":"[0-9a-f]{64}","signature":"[0-9a-f]{128}"\}\},"type":"retired"\}$/,
    );
  });

  it('is signed over the domain and the entry without its signatures, by the rule written down', () => {
    const entry = entryBy('retired', alice);
    const body = text(entry).replace(/,"signatures":\{.*\}\}(?=,"type")/, '');
    expect(body).not.toContain('signature');
    const message = bytes(`touchstone/entry/v1\0${body}`);
    expect(entryMessage(entry)).toEqual(message);
    const seed = Buffer.from(hex('owner alice'), 'hex');
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    expect(entry.signatures.owner?.signature).toBe(nodeSign(null, message, key).toString('hex'));
  });
});

describe('bytes that are no entry', () => {
  const activated = text(entryBy('activated', alice, shop));
  const replaced = (from: string | RegExp, to: string) => {
    const altered = activated.replace(from, to);
    expect(altered).not.toBe(activated);
    return altered;
  };

  test.each([
    ['a space', replaced(':', ': '), /canonical/],
    ['a line feed at the end', `${activated}\n`, /canonical/],
    ['a byte order mark', `\ufeff${activated}`, /canonical/],
    ['an escaped letter', replaced('"genuine"', '"\\u0067enuine"'), /canonical/],
    ['a number in another form', replaced('"serial":3', '"serial":3.0'), /canonical/],
    ['a field twice', replaced('"demo":true,', '"demo":true,"demo":true,'), /canonical/],
    ['another order', replaced(/"demo":true,(.*)\}$/, '$1,"demo":true}'), /canonical/],
    ['bytes after it', `${activated}{}`, /one whole JSON value/],
    ['half of it', activated.slice(0, 200), /one whole JSON value/],
    ['nothing', '', /one whole JSON value/],
    ['a list', '[]', ''],
    ['deep nesting', '['.repeat(60_000), /one whole JSON value/],
    ['the key __proto__', replaced('{', '{"__proto__":1,'), /one whole JSON value/],
  ])('%s', (_name, altered, why) => expectRefused(bytes(altered), why));

  it('no UTF-8', () => {
    const broken = bytes(activated);
    broken[20] = 0xff;
    expectRefused(broken, /one whole JSON value/);
  });

  it('65,535 bytes are the limit', () => {
    const notice = text(noticeEntry);
    expectRefused(bytes(notice.padEnd(65_535, ' ')), /canonical/);
    expectRefused(bytes(notice.padEnd(65_536, ' ')), /longer than 65535 bytes/);
  });
});

/** An entry with one field replaced, by its path; undefined takes it out. */
function edit(entry: object, path: string, value: unknown): unknown {
  const copy: Record<string, unknown> = JSON.parse(JSON.stringify(entry));
  const names = path.split('/');
  const last = names.pop() ?? '';
  const holder = names.reduce((at, name) => at[name] as Record<string, unknown>, copy);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}

/** The bytes, also of what is no entry. */
function canonical(value: unknown): Uint8Array {
  const sort = (each: unknown): unknown =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(
          Object.entries(each)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, inner]) => [name, sort(inner)]),
        )
      : each;
  return bytes(JSON.stringify(sort(value)));
}

describe('the schema', () => {
  const activated = entryBy('activated', alice, shop);
  const observed = entryBy('observed');
  const retired = entryBy('retired', alice);

  it('the altering of these tests alters nothing else', () => {
    expect(parseEntry(canonical(activated))).toEqual(activated);
  });

  const rows: readonly (readonly [string, object, string, unknown])[] = [
    ['another schema', activated, 'schema', 'touchstone.entry/2'],
    ['another kind', activated, 'kind', 'person'],
    ['another type', activated, 'type', 'sold'],
    ['a field that it does not know', activated, 'serialNumber', '123'],
    ['one inside of the card', activated, 'card/number', 'ABCDE'],
    ['one inside of the registry', activated, 'registry/name', 'Bob'],
    ['one inside of the hashes', activated, 'hashes/other', hex('x')],
    ['one inside of the signatures', activated, 'signatures/log', activated.signatures.actor],
    ['one beside a signature', activated, 'signatures/owner/name', 'Bob'],
    ['a name', activated, 'name', 'Bob'],
    ['no card', activated, 'card', undefined],
    ['no index key', activated, 'card/key', undefined],
    ['a short index key', activated, 'card/key', cardKey.slice(2)],
    ['an index key in capitals', activated, 'card/key', cardKey.toUpperCase()],
    ['no family', activated, 'card/family', ''],
    ['a family with a path', activated, 'card/family', '../x'],
    ['a long family', activated, 'card/family', 'x'.repeat(33)],
    ['no hour', activated, 'hour', undefined],
    ['minutes', activated, 'hour', '2026-11-26T12:30Z'],
    ['another zone', activated, 'hour', '2026-11-26T12+1'],
    ['an hour that is not there', activated, 'hour', '2026-11-26T24Z'],
    ['a day that is not there', activated, 'hour', '2026-02-30T12Z'],
    ['demo: false', activated, 'demo', false],
    ['null for nothing', activated, 'product', null],
    ['a long product', activated, 'product', 'x'.repeat(65)],
    ['a product with a space', activated, 'product', 'tap signer'],
    ['a firmware of controls', activated, 'firmware/id', '1\u001b[2J'],
    ['a firmware that is not ASCII', activated, 'firmware/id', '1.0\u202e'],
    ['a long firmware', activated, 'firmware/id', '1'.repeat(65)],
    ['an empty firmware', activated, 'firmware/id', ''],
    ['a firmware on nothing', activated, 'firmware/authority', undefined],
    ['another authority', activated, 'firmware/authority', 'certified'],
    ['a usage with a space', activated, 'usage/state', 'as new'],
    ['the word not genuine', activated, 'word', 'not genuine'],
    ['the word not decided', activated, 'word', 'not decided'],
    ['no word', activated, 'word', undefined],
    ['another freshness', activated, 'freshness', 'fresh'],
    ['serial 0', activated, 'registry/serial', 0],
    ['a serial as text', activated, 'registry/serial', '3'],
    ['a serial that is not whole', activated, 'registry/serial', 1.5],
    ['a serial beyond 2^53', activated, 'registry/serial', 2 ** 53],
    ['no overlays', activated, 'registry/overlays', undefined],
    ['an overlay by its name', activated, 'registry/overlays', ['mine']],
    ['an overlay twice', activated, 'registry/overlays', [hex('o'), hex('o')]],
    [
      '17 overlays',
      activated,
      'registry/overlays',
      Array.from({ length: 17 }, (_, i) => hex(`${i}`)),
    ],
    ['no proof hash', activated, 'hashes/proof', undefined],
    ['no challenge hash', activated, 'hashes/challenge', undefined],
    ['no attachments hash', activated, 'hashes/attachments', undefined],
    ['activated by nobody', activated, 'owner', undefined],
    ['activated, unsigned', activated, 'signatures/owner', undefined],
    ['activated, without the field', activated, 'signatures', undefined],
    ['a short owner', activated, 'owner', alice.hashHex.slice(2)],
    ['a short key', activated, 'signatures/owner/key', toHex(alice.publicKey).slice(2)],
    ['a short signature', activated, 'signatures/owner/signature', '00'.repeat(63)],
    ['observed by an owner who did not sign', observed, 'owner', alice.hashHex],
    [
      'observed, signed by an owner unnamed',
      observed,
      'signatures/owner',
      activated.signatures.owner,
    ],
    ['observed, without the field', observed, 'signatures', undefined],
    ['retired with a word', retired, 'word', 'genuine'],
    ['retired with hashes', retired, 'hashes', { proof: hex('a') }],
    ['retired with a product', retired, 'product', 'tapsigner'],
    ['retired by nobody', retired, 'owner', undefined],
    ['retired, unsigned', retired, 'signatures/owner', undefined],
    ['a signed registry', registryEntry, 'signatures', {}],
    ['a registry with overlays', registryEntry, 'registry/overlays', []],
    ['a registry without a serial', registryEntry, 'registry/serial', undefined],
    ['an empty notice', noticeEntry, 'text', ''],
    ['a notice of two lines', noticeEntry, 'text', 'a\nb'],
    ['a notice with a gap', noticeEntry, 'text', 'a  b'],
    ['a notice that ends in a space', noticeEntry, 'text', 'a '],
    ['a long notice', noticeEntry, 'text', 'x'.repeat(2001)],
    ['a notice about a card', noticeEntry, 'card', { family: 'tangem', key: cardKey }],
  ];

  test.each(rows)('refuses %s', (_name, entry, path, value) => {
    const altered = edit(entry, path, value);
    expect(altered).not.toEqual(entry);
    expectRefused(canonical(altered));
    expect(() => encodeEntry(altered as Entry)).toThrow(LogError);
  });

  it('names the field that is wrong', () => {
    expectRefused(canonical(edit(activated, 'serialNumber', '1')), /"serialNumber"/);
    expectRefused(canonical(edit(activated, 'hour', 'noon')), /"hour"/);
  });
});

describe('signatures', () => {
  const signed = entryBy('activated', alice, shop);

  /** One other, allowed value for every field that an entry can have. */
  const mutations: readonly (readonly [string, unknown])[] = [
    ['type', 'reverified'],
    ['card/family', 'tangem'],
    ['card/key', hex('another card')],
    ['product', 'satschip'],
    ['product', undefined],
    ['firmware/id', '1.0.4'],
    ['firmware/authority', 'maker'],
    ['firmware', undefined],
    ['usage/state', 'used'],
    ['usage/authority', 'live'],
    ['usage', undefined],
    ['word', 'genuine with warnings'],
    ['freshness', 'self'],
    ['registry/serial', 4],
    ['registry/hash', hex('another registry')],
    ['registry/overlays', []],
    ['registry/overlays', [hex('another')]],
    ['hashes/proof', hex('another')],
    ['hashes/challenge', hex('another')],
    ['hashes/attachments', hex('another')],
    ['hour', '2026-11-26T13Z'],
    ['demo', undefined],
  ];

  test.each(mutations)('%s altered to %s', (path, value) => {
    const altered = parseEntry(canonical(edit(signed, path, value)));
    expect(verifyEntry(altered)).toEqual({ ok: false, why: 'owner-signature' });
    // Without an owner, the actor's signature is all there is.
    const observed = entryBy('observed', undefined, shop);
    if (path === 'type') return;
    const seen = parseEntry(canonical(edit(observed, path, value)));
    expect(verifyEntry(seen)).toEqual({ ok: false, why: 'actor-signature' });
  });

  it('the table above reaches every field', () => {
    const leaves = (value: unknown, path: string): string[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([name, inner]) =>
            leaves(inner, path === '' ? name : `${path}/${name}`),
          )
        : [path];
    const altered = new Set(mutations.map(([path]) => path));
    const others = leaves(signed, '').filter((path) => !altered.has(path));
    // The schema fixes the first two; the rest have tests of their own below.
    expect(others.sort()).toEqual([
      'kind',
      'owner',
      'schema',
      'signatures/actor/key',
      'signatures/actor/signature',
      'signatures/owner/key',
      'signatures/owner/signature',
    ]);
  });

  const flip = (hexText: string) =>
    `${hexText.slice(0, 4)}${hexText[4] === '0' ? '1' : '0'}${hexText.slice(5)}`;
  const { owner, actor } = signed.signatures;
  const bobs = entryBy('activated', bob);

  test.each([
    ['another owner', 'owner', bob.hashHex, 'owner-key'],
    ["another owner's key", 'signatures/owner/key', toHex(bob.publicKey), 'owner-key'],
    [
      'another signature',
      'signatures/owner/signature',
      flip(owner?.signature ?? ''),
      'owner-signature',
    ],
    [
      "an owner's signature of another entry",
      'signatures/owner/signature',
      entryBy('reverified', alice).signatures.owner?.signature,
      'owner-signature',
    ],
    ["the actor's signature in its place", 'signatures/owner', actor, 'owner-key'],
    ["another actor's key", 'signatures/actor/key', toHex(bob.publicKey), 'owner-signature'],
    [
      'another signature of the actor',
      'signatures/actor/signature',
      flip(actor?.signature ?? ''),
      'owner-signature',
    ],
  ])('%s', (_name, path, value, why) => {
    const altered = parseEntry(canonical(edit(signed, path, value)));
    expect(verifyEntry(altered)).toEqual({ ok: false, why });
  });

  it("nobody signs in another owner's name", () => {
    const forged = edit(bobs, 'owner', alice.hashHex);
    expect(verifyEntry(parseEntry(canonical(forged)))).toEqual({ ok: false, why: 'owner-key' });
    expect(() => signEntry(unsigned('activated', alice), { owner: bob })).toThrow(/another key/);
    expect(() => signEntry(unsigned('activated', alice), { actor: bob })).toThrow(LogError);
    expect(() => signEntry(unsigned('observed'), { owner: bob })).toThrow(LogError);
  });

  it('a key of small order signs nothing', () => {
    const zero = '00'.repeat(32);
    const weak = `01${'00'.repeat(31)}`;
    const observed = entryBy('observed', undefined, shop);
    const forged = edit(observed, 'signatures/actor', { key: weak, signature: weak + zero });
    expect(verifyEntry(parseEntry(canonical(forged)))).toEqual({
      ok: false,
      why: 'actor-signature',
    });
  });

  it('entries made by hand do not pass unsigned', () => {
    const { signatures: _, ...rest } = entryBy('observed', alice);
    const byHand = { ...rest, signatures: {} } as CardEntry;
    expect(verifyEntry(byHand)).toEqual({ ok: false, why: 'owner-unsigned' });
    const { owner: signature } = entryBy('observed', alice).signatures;
    const unnamed = { ...entryBy('observed'), signatures: { owner: signature } } as CardEntry;
    expect(verifyEntry(unnamed)).toEqual({ ok: false, why: 'owner-key' });
  });

  it("an actor's can be neither taken away nor added once the owner has signed", () => {
    const bare = parseEntry(canonical(edit(signed, 'signatures/actor', undefined)));
    expect(verifyEntry(bare)).toEqual({ ok: false, why: 'owner-signature' });
    const alone = signEntry(unsigned('activated', alice), { owner: alice });
    expect(verifyEntry(alone)).toEqual({ ok: true });
    const observed = signEntry(unsigned('observed'), { actor: bob });
    const added = edit(alone, 'signatures/actor', observed.signatures.actor);
    expect(verifyEntry(parseEntry(canonical(added)))).toMatchObject({ ok: false });
    const key = toHex(bob.publicKey);
    const signature = toHex(bob.sign(entryMessage(alone)));
    const replayed = edit(alone, 'signatures/actor', { key, signature });
    expect(verifyEntry(parseEntry(canonical(replayed)))).toEqual({
      ok: false,
      why: 'owner-signature',
    });
  });

  it('owners are told apart', () => {
    expect(createOwner(new Uint8Array(32)).hashHex).not.toBe(alice.hashHex);
  });
});
