/**
 * Altered copies of good evidence, whatever its bytes mean: bytes flipped; exchanges dropped, doubled,
 * swapped, or taken from another card; maker material altered, dropped, doubled, swapped, or taken
 * from another card.
 */
import { concat } from '../../src/bytes/bytes.ts';
import type { Attachment, CardEvidence } from '../../src/evidence/evidence.ts';
import type { RecordedExchange } from '../../src/reader/card.ts';

export interface Mutant {
  readonly name: string;
  readonly evidence: CardEvidence;
}

/** Every byte of every response, altered by each of the masks. */
export function* byteMutants(evidence: CardEvidence, masks: readonly number[]): Generator<Mutant> {
  for (const [index, { response }] of evidence.transcript.entries()) {
    for (let offset = 0; offset < response.length; offset += 1) {
      for (const mask of masks) {
        const copy = response.slice();
        copy[offset] = (copy[offset] ?? 0) ^ mask;
        const name = `exchange ${index}, byte ${offset} xor ${mask}`;
        yield { name, evidence: withResponse(evidence, index, copy) };
      }
    }
  }
}

/** Every byte of every command, altered: what was asked is as much a part of a file as the answer. */
export function* commandMutants(
  evidence: CardEvidence,
  masks: readonly number[],
): Generator<Mutant> {
  const { transcript } = evidence;
  for (const [index, exchange] of transcript.entries()) {
    for (const [offset, byte] of exchange.command.entries()) {
      for (const mask of masks) {
        const command = exchange.command.slice();
        command[offset] = byte ^ mask;
        const name = `command ${index}, byte ${offset} xor ${mask}`;
        const altered = transcript.with(index, { ...exchange, command });
        yield { name, evidence: { ...evidence, transcript: altered } };
      }
    }
  }
}

/** Exchanges dropped, doubled, swapped, paired anew, and spliced in from another card. */
export function* sequenceMutants(evidence: CardEvidence, foreign: CardEvidence): Generator<Mutant> {
  const { transcript } = evidence;
  const make = (name: string, exchanges: readonly RecordedExchange[]): Mutant => ({
    name,
    evidence: { ...evidence, transcript: exchanges },
  });
  yield make('nothing', []);
  yield make('all twice', [...transcript, ...transcript]);
  yield make('backwards', transcript.toReversed());
  yield make('followed by another card', [...transcript, ...foreign.transcript]);
  for (const [index, exchange] of transcript.entries()) {
    yield make(`without exchange ${index}`, transcript.toSpliced(index, 1));
    yield make(`exchange ${index} twice`, transcript.toSpliced(index, 0, exchange));
    for (const [other, { response }] of transcript.entries()) {
      if (other !== index) {
        const swapped = transcript.with(index, { ...exchange, response });
        yield make(`exchange ${index} answered by ${other}`, swapped);
      }
    }
    for (const [other, spliced] of foreign.transcript.entries()) {
      yield make(`exchange ${index} of another card (${other})`, transcript.with(index, spliced));
      const { response } = spliced;
      const answered = transcript.with(index, { ...exchange, response });
      yield make(`exchange ${index} answered by another card (${other})`, answered);
    }
  }
}

/** Every byte of every attachment by each mask, and what else can be done to attachments. */
export function* attachmentMutants(
  evidence: CardEvidence,
  foreign: CardEvidence,
  masks: readonly number[],
): Generator<Mutant> {
  const { attachments } = evidence;
  const make = (name: string, changed: readonly Attachment[]): Mutant => ({
    name: `attachments: ${name}`,
    evidence: { ...evidence, attachments: changed },
  });
  yield make('none', []);
  yield make('all twice', [...attachments, ...attachments]);
  yield make('backwards', attachments.toReversed());
  yield make('of another card', foreign.attachments);
  yield make('and those of another card', [...attachments, ...foreign.attachments]);
  for (const [index, item] of attachments.entries()) {
    const { kind, data } = item;
    const put = (name: string, change: Partial<Attachment>) =>
      make(`${kind} ${name}`, attachments.with(index, { ...item, ...change }));
    for (const [offset, byte] of data.entries()) {
      for (const mask of masks) {
        const copy = data.slice();
        copy[offset] = byte ^ mask;
        yield put(`byte ${offset} xor ${mask}`, { data: copy });
      }
    }
    yield make(`without ${kind}`, attachments.toSpliced(index, 1));
    yield make(`${kind} twice`, [...attachments, item]);
    yield put('of an unknown kind', { kind: 'unknown' });
    yield put('emptied', { data: new Uint8Array() });
    yield put('zeroed', { data: new Uint8Array(data.length) });
    yield put('shorter', { data: data.subarray(1) });
    yield put('longer', { data: concat(data, Uint8Array.of(0)) });
    yield put('backwards', { data: data.toReversed() });
    for (const other of [...attachments, ...foreign.attachments]) {
      if (other !== item) yield put(`with other data (${other.kind})`, { data: other.data });
      if (other.kind !== kind) yield put(`as ${other.kind}`, { kind: other.kind });
    }
  }
}

export function withResponse(
  evidence: CardEvidence,
  index: number,
  response: Uint8Array,
): CardEvidence {
  const transcript = evidence.transcript.map((exchange, position) =>
    position === index ? { ...exchange, response } : exchange,
  );
  return { ...evidence, transcript };
}
