/** Altered copies of good evidence whose answers are Tangem's TLV: false, moved, malformed fields. */
import { concat } from '../../src/bytes/bytes.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { Tag } from '../../src/families/tangem/constants.ts';
import { encodeElements, parseElements, type TlvElement } from '../../src/families/tangem/tlv.ts';
import { compressSecp256k1, uncompressSecp256k1 } from '../../src/trust/signature.ts';
import { type Mutant, withResponse } from './mutants-shared.ts';

const byte = (...values: number[]) => Uint8Array.from(values);
const text = (value: string) => Buffer.from(`${value}\0`);

/** Values that a shell around a card could put in place of what the card reports, by tag. */
const lies: Readonly<Record<number, readonly Uint8Array[]>> = {
  [Tag.firmware]: [
    ...['1.28r', '3.05r', '4.12r', '4.52r', '6.20r', '6.33r', '6.33', '8.58r', '99.0r'],
    ...['6.33d SDK', '6.33x', '6.33R', 'v6.33r', '', '6.33r\u00a0', '\u0666.33r'],
  ].map(text),
  [Tag.status]: [0, 1, 2, 3, 4, 0x42, 0x81, 0x82, 0x83, 0xc2, 0xff].map((value) => byte(value)),
  [Tag.health]: [byte(), byte(0), byte(1), byte(0x80), byte(0xff), byte(0, 0)],
  [Tag.walletsCount]: [byte(0), byte(1), byte(2), byte(255), byte(1, 0), byte(255, 255, 255, 255)],
  [Tag.accessCodeIsDefault]: [byte(), byte(0), byte(1)],
  [Tag.passcodeIsDefault]: [byte(), byte(0), byte(1)],
  [Tag.needsActivation]: [byte(), byte(1)],
  [Tag.backupStatus]: [byte(), byte(0), byte(1), byte(2), byte(3)],
  [Tag.backupCount]: [byte(), byte(0), byte(1), byte(2), byte(3), byte(255)],
  [Tag.backupHash]: [new Uint8Array(8), new Uint8Array(8).fill(1)],
  [Tag.signedHashes]: [byte(0), byte(1), byte(0, 0, 0, 0), byte(0, 1, 0, 0)],
  [Tag.walletIndex]: [byte(0), byte(7)],
  [Tag.batch]: [byte(0xaf, 0x07), byte(0xac, 0x01), byte(0xff, 0xff), byte(0xaf, 0x99, 0, 1)],
  [Tag.manufactureDate]: [
    byte(),
    byte(7, 0xe2, 1),
    byte(0x07, 0xe2, 1, 1),
    byte(0xff, 0xff, 0xff, 0xff),
  ],
  [Tag.issuerName]: [
    text('Zürich'),
    text('x'.repeat(65)),
    text('TANGEM AG'),
    text('TANGEM SDK'),
    text(''),
  ],
  [Tag.cardId]: [new Uint8Array(8), byte(0xcb, 0x61, 0, 0, 0, 0, 0x12, 0x64)],
  [Tag.curve]: [text('ed25519'), text('secp256k1'), text('secp256r1'), byte(0xff)],
  [Tag.maxSignatures]: [byte(0), byte(9), byte()],
  [Tag.remainingSignatures]: [byte(0), byte(9), byte()],
  [Tag.walletPublicKey]: [byte(), new Uint8Array(33).fill(2)],
  [Tag.issuerDataPublicKey]: [byte(), new Uint8Array(33)],
  [Tag.manufacturerPublicKey]: [byte(), new Uint8Array(33).fill(9)],
  [Tag.cardIdSignature]: [byte(), new Uint8Array(63), new Uint8Array(64).fill(1)],
  [Tag.cardData]: [byte(), byte(0), byte(0x81, 9)],
};

const inCardData = new Set<number>([
  Tag.batch,
  Tag.manufactureDate,
  Tag.issuerName,
  Tag.manufacturerPublicKey,
  Tag.cardIdSignature,
]);

/** Reported fields replaced, added or left out, in one answer and in all answers at once. */
export function* lieMutants(evidence: CardEvidence): Generator<Mutant> {
  const answers = answersOf(evidence);
  for (const [name, values] of Object.entries(lies)) {
    const tag = Number(name);
    for (const value of [...values, undefined]) {
      const lied = answers.map((elements) => elements && withLie(elements, tag, value));
      const what = `tag ${tag.toString(16)} = ${value ? Buffer.from(value).toString('hex') : 'none'}`;
      const transcript = evidence.transcript.map((exchange, index) => {
        const elements = lied[index];
        return elements ? { ...exchange, response: write(elements) } : exchange;
      });
      yield { name: `everywhere ${what}`, evidence: { ...evidence, transcript } };
      for (const [index, elements] of lied.entries()) {
        if (elements === undefined) continue;
        const altered = withResponse(evidence, index, write(elements));
        yield { name: `exchange ${index} ${what}`, evidence: altered };
      }
    }
  }
}

/** Fields dropped, doubled, moved, resized and reordered, nested ones too; keys in their other form. */
export function* structureMutants(evidence: CardEvidence): Generator<Mutant> {
  const answers = answersOf(evidence);
  const all = answers.flatMap((elements) => [...(elements ?? []), ...nested(elements ?? [])]);
  for (const [index, elements] of answers.entries()) {
    if (elements === undefined) continue;
    const make = (name: string, body: Uint8Array): Mutant => ({
      name: `exchange ${index}, ${name}`,
      evidence: withResponse(evidence, index, concat(body, ok)),
    });
    const body = encodeElements(elements);
    yield make('a byte more', concat(body, byte(0)));
    yield make('a byte less', body.subarray(0, -1));
    yield make('status alone', byte());
    yield make('twice', concat(body, body));
    yield make('wrapped', encodeElements([[Tag.wallet, body]]));
    for (const { name, elements: altered } of listMutants(elements, all)) {
      yield make(name, encodeElements(altered));
    }
    for (const [at, [tag, value]] of elements.entries()) {
      yield make(`tag ${hexOf(tag)} in the long form`, longForm(elements, at));
      if (tag !== Tag.cardData && tag !== Tag.wallet) continue;
      for (const { name, elements: altered } of listMutants(parseElements(value), all)) {
        const whole = elements.with(at, [tag, encodeElements(altered)]);
        yield make(`in tag ${hexOf(tag)} (${at}): ${name}`, encodeElements(whole));
      }
    }
  }
}

/** One list of elements, altered in every way. */
function* listMutants(
  elements: readonly TlvElement[],
  others: readonly TlvElement[],
): Generator<{ name: string; elements: readonly TlvElement[] }> {
  yield { name: 'backwards', elements: elements.toReversed() };
  yield { name: 'sorted', elements: elements.toSorted(([a], [b]) => a - b) };
  for (const [at, element] of elements.entries()) {
    const [tag, value] = element;
    const name = `tag ${hexOf(tag)} (${at})`;
    const without = elements.toSpliced(at, 1);
    const put = (what: string, changed: Uint8Array) => ({
      name: `${name} ${what}`,
      elements: elements.with(at, [tag, changed]),
    });
    yield { name: `without ${name}`, elements: without };
    yield { name: `${name} doubled`, elements: elements.toSpliced(at, 0, element) };
    yield {
      name: `${name} doubled with another value`,
      elements: [...elements, [tag, value.toReversed()]],
    };
    yield { name: `${name} first`, elements: [element, ...without] };
    yield { name: `${name} last`, elements: [...without, element] };
    yield { name: `${name} under another tag`, elements: elements.with(at, [0xc1, value]) };
    yield { name: `${name} in a list`, elements: elements.with(at, [Tag.wallet, value]) };
    yield put('emptied', byte());
    yield put('zeroed', new Uint8Array(value.length));
    yield put('longer', concat(value, byte(0)));
    yield put('longer at its head', concat(byte(0), value));
    yield put('shorter', value.subarray(1));
    yield put('backwards', value.toReversed());
    const otherForm = value.length === 33 ? uncompressSecp256k1(value) : compressSecp256k1(value);
    if (otherForm !== undefined) yield put('in its other form', otherForm);
    const taken = new Set<string>();
    for (const [from, moved] of others) {
      const key = Buffer.from(moved).toString('hex');
      // Not every wallet record with every other: those of the same length stand for all.
      if (moved.length !== value.length || taken.has(key) || taken.size > 12) continue;
      taken.add(key);
      yield put(`from tag ${hexOf(from)}`, moved);
    }
  }
}

const ok = Uint8Array.of(0x90, 0x00);

/** The answers that hold fields. */
function answersOf({ transcript }: CardEvidence): (readonly TlvElement[] | undefined)[] {
  return transcript.map(({ response, disclosure }) => {
    const isFields = Buffer.from(response.subarray(-2)).equals(ok) && response.length > 2;
    return isFields && disclosure !== 'private'
      ? parseElements(response.subarray(0, -2))
      : undefined;
  });
}

function nested(elements: readonly TlvElement[]): readonly TlvElement[] {
  return elements.flatMap(([tag, value]) =>
    tag === Tag.cardData || tag === Tag.wallet ? parseElements(value) : [],
  );
}

function write(elements: readonly TlvElement[]): Uint8Array {
  return concat(encodeElements(elements), ok);
}

/** In READ of the card inside its card data or beside it; in a page inside each record. */
function withLie(
  elements: readonly TlvElement[],
  tag: number,
  value: Uint8Array | undefined,
): readonly TlvElement[] {
  const inside = (container: number) =>
    elements.map((element): TlvElement => {
      const [found, body] = element;
      if (found !== container) return element;
      return [found, encodeElements(replaced(parseElements(body), tag, value))];
    });
  if (inCardData.has(tag)) return inside(Tag.cardData);
  if (elements.some(([found]) => found === Tag.wallet) && tag !== Tag.cardId) {
    return tag === Tag.backupHash ? replaced(elements, tag, value) : inside(Tag.wallet);
  }
  return replaced(elements, tag, value);
}

function replaced(
  elements: readonly TlvElement[],
  tag: number,
  value: Uint8Array | undefined,
): readonly TlvElement[] {
  const rest = elements.filter(([found]) => found !== tag);
  return value === undefined ? rest : [...rest, [tag, value]];
}

function longForm(elements: readonly TlvElement[], at: number): Uint8Array {
  const [tag, value] = elements[at] ?? [0, byte()];
  return concat(
    encodeElements(elements.slice(0, at)),
    byte(tag, 0xff, value.length >> 8, value.length & 0xff),
    value,
    encodeElements(elements.slice(at + 1)),
  );
}

function hexOf(tag: number): string {
  return tag.toString(16).padStart(2, '0');
}
