/**
 * Good evidence, altered in every way we can think of: no mutant may prove more than the original, or
 * lead to the same issuer with another card's key.
 */
import { describe, expect, it } from 'vitest';
import { parseDataObjects } from '../../../src/apdu/tlv.ts';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import type { Proof } from '../../../src/families/family.ts';
import { prove } from '../../../src/families/keycard/prove.ts';
import {
  byteMutants,
  commandMutants,
  type Mutant,
  sequenceMutants,
  withResponse,
} from '../../support/mutants-shared.ts';
import {
  askCash,
  askIdent,
  blank,
  bytes,
  ca,
  cash,
  certificate,
  challenge,
  evidence,
  four,
  ident,
  identified,
  identify,
  load,
  ok,
  open,
  opened,
  type Recording,
  select,
  steps,
  stranger,
  three,
  tlv,
} from './cards.ts';

const recorded = (name: string, labels: readonly string[]) => {
  const recording = load<Recording>(name);
  const transcript = steps(recording, labels);
  const sent = transcript[1]?.command ?? bytes();
  const asked = sent[1] === 0x10 ? sent.subarray(5, 37) : fromHex(recording.challenge);
  return evidence(transcript, { identify: asked, channel: asked });
};

const uid = new Uint8Array(32).fill(0xff);
const subjects: readonly (readonly [string, CardEvidence])[] = [
  [
    'recorded 3.1.0, not initialised',
    recorded('applet-3.1.0', [
      'SELECT keycard (not initialised)',
      'IDENTIFY (not initialised)',
      'SELECT cash',
      'SELECT ident',
    ]),
  ],
  [
    'recorded 3.2, initialised',
    recorded('applet-3.2', [
      'SELECT keycard (initialised, no key)',
      'IDENTIFY (initialised, not paired)',
      'SELECT ident',
    ]),
  ],
  [
    'recorded 4.0',
    recorded('applet-4.0-a61616a', [
      'SELECT keycard (not initialised)',
      'OPEN SECURE CHANNEL (not initialised)',
      'SELECT ident',
    ]),
  ],
  [
    '3.1, key loaded',
    evidence([select(three({ slots: 98, keyUid: uid })), identify(), askIdent()]),
  ],
  ['4.0, key loaded', evidence([select(four({ status: 0x12, keyUid: uid })), open(), askIdent()])],
];

/** Another genuine card that answered the same challenge. */
const foreignCertificate = certificate(stranger.publicKey, ca);
const foreign: readonly CardEvidence[] = [
  evidence([
    select(blank()),
    identify(identified(challenge, stranger, foreignCertificate)),
    askCash(cash([3, 2])),
    askIdent(ident(foreignCertificate)),
  ]),
  evidence([
    select(four({ certificate: foreignCertificate })),
    open(opened(challenge, stranger)),
    askIdent(ident(foreignCertificate)),
  ]),
];

/** Objects of every answer dropped, doubled, swapped, resized; answers cut and lengthened. */
function* structureMutants(original: CardEvidence): Generator<Mutant> {
  for (const [index, { response }] of original.transcript.entries()) {
    const data = response.subarray(0, -2);
    const put = (name: string, changed: Uint8Array): Mutant => ({
      name: `exchange ${index}: ${name}`,
      evidence: withResponse(original, index, concat(changed, ok)),
    });
    for (let length = 0; length < data.length; length += 1) {
      yield put(`cut to ${length}`, data.subarray(0, length));
    }
    yield put('longer', concat(data, bytes(0)));
    yield put('twice', concat(data, data));
    for (const word of [0x6985, 0x6d00, 0x6a82, 0x6a80, 0x6283, 0x9001]) {
      const status = bytes(word >> 8, word & 0xff);
      yield { name: `${index}: ${word}`, evidence: withResponse(original, index, status) };
      const beside = concat(data, status);
      yield { name: `${index}: data, ${word}`, evidence: withResponse(original, index, beside) };
    }
    const tag = data[0] ?? 0;
    if (tag !== 0xa4 && tag !== 0xa0) continue;
    const head = (data[1] ?? 0) < 0x80 ? 2 : 3;
    const objects = parseDataObjects(data.subarray(head));
    const build = (name: string, parts: readonly { tag: number; value: Uint8Array }[]) =>
      put(name, tlv(tag, concat(...parts.map((part) => tlv(part.tag, part.value)))));
    yield build('backwards', objects.toReversed());
    for (const [place, object] of objects.entries()) {
      yield build(`without object ${place}`, objects.toSpliced(place, 1));
      yield build(`object ${place} twice`, objects.toSpliced(place, 0, object));
      const resized: readonly Uint8Array[] = [
        bytes(),
        object.value.subarray(1),
        concat(object.value, bytes(0)),
        new Uint8Array(object.value.length),
        new Uint8Array(object.value.length).fill(0xff),
      ];
      for (const value of resized) {
        yield build(
          `object ${place} of ${value.length}`,
          objects.with(place, { ...object, value }),
        );
      }
      for (const other of objects) {
        const swapped = objects.with(place, { ...object, value: other.value });
        yield build(`object ${place} as ${other.tag}`, swapped);
        yield build(`object ${place} tagged`, objects.with(place, { ...object, tag: other.tag }));
      }
    }
  }
}

/** What a proof claims with more than the card's word. */
function worth({ key, issuers, ...proof }: Proof): string[] {
  const { product, number, firmware, usage, batch, platform, facts } = proof;
  return [
    ...(key === undefined ? [] : [`key ${toHex(key.publicKey)}`]),
    ...(key === undefined ? [] : (issuers ?? []).map((issuer) => `issuer ${toHex(issuer)}`)),
    ...Object.entries({ product, number, firmware, usage, batch, platform }).flatMap(
      ([name, claim]) =>
        claim === undefined || claim.authority === 'reported' ? [] : [`${name} ${claim.value}`],
    ),
    ...[...(usage?.signals ?? []), ...facts]
      .filter(({ authority }) => authority !== 'reported')
      .map(({ code }) => code),
  ];
}

function judge(original: CardEvidence, mutants: Iterable<Mutant>) {
  const before = prove(original);
  const allowed = worth(before);
  const known = (before.issuers ?? []).map(toHex);
  const count = { tried: 0, proven: 0, led: 0 };
  for (const mutant of mutants) {
    const proof = prove(mutant.evidence);
    const issuers = (proof.issuers ?? []).map(toHex);
    const isSameChain = issuers.some((issuer) => known.includes(issuer));
    // An altered certificate leads to a key that nobody has; that is no more than before.
    const rose = worth(proof).filter((line) => !allowed.includes(line) && !/^issuer /.test(line));
    expect(rose, mutant.name).toEqual([]);
    count.tried += 1;
    if (proof.key === undefined) continue;
    count.proven += 1;
    if (isSameChain) count.led += 1;
    expect(toHex(proof.key.publicKey), mutant.name).toBe(toHex(before.key?.publicKey ?? bytes()));
  }
  return count;
}

describe.each(subjects)('%s', (name, original) => {
  it('is good to begin with', () => {
    const proof = prove(original);
    expect(proof.key).toBeDefined();
    expect(proof.issuers?.length).toBe(1);
  });

  it('gains nothing by any altered byte of an answer', { timeout: 120_000 }, () => {
    const { tried, proven, led } = judge(original, byteMutants(original, [0x01, 0x80]));
    console.info(
      `${name}: ${tried} altered bytes, ${proven} leave the key proven, ${led} its chain`,
    );
    expect(tried).toBeGreaterThan(600);
    expect(proven).toBeLessThan(tried);
  });

  it('gains nothing by any altered byte of a command', { timeout: 120_000 }, () => {
    const { tried, proven } = judge(original, commandMutants(original, [0x01, 0x80]));
    console.info(`${name}: ${tried} altered bytes of commands, ${proven} leave the key proven`);
    expect(tried).toBeGreaterThan(100);
    // Class 00 in place of 80 means the same to an applet.
    expect(proven).toBeLessThanOrEqual(1);
  });

  it('gains nothing by moved, doubled, dropped or resized parts', { timeout: 120_000 }, () => {
    const { tried, proven } = judge(original, structureMutants(original));
    console.info(`${name}: ${tried} altered structures, ${proven} leave the key proven`);
    expect(tried).toBeGreaterThan(300);
  });

  it.each(foreign)('gains nothing by exchanges dropped, doubled, swapped, spliced', (other) => {
    const before = prove(original);
    const theirs = prove(other).key?.publicKey ?? bytes();
    let tried = 0;
    let proven = 0;
    for (const mutant of sequenceMutants(original, other)) {
      const { key, issuers, checks } = prove(mutant.evidence);
      tried += 1;
      if (key === undefined) continue;
      proven += 1;
      // The other card may be proven whole, by its own answer to this challenge, and never in part.
      const isOther = toHex(key.publicKey) === toHex(theirs);
      if (!isOther) expect(toHex(key.publicKey)).toBe(toHex(before.key?.publicKey ?? bytes()));
      expect(issuers?.map(toHex), mutant.name).toEqual(
        (isOther ? prove(other) : before).issuers?.map(toHex),
      );
      expect(checks.some(({ result }) => result === 'refuted')).toBe(false);
    }
    console.info(`${name}: ${tried} altered sequences, ${proven} leave a key proven`);
    expect(tried).toBeGreaterThan(30);
  });
});
