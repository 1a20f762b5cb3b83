/** Altered copies of good evidence whose answers are CBOR maps: false, moved and malformed fields. */
import { decode, encode } from 'cborg';
import { concat } from '../../src/bytes/bytes.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { type Mutant, withResponse } from './mutants-shared.ts';

/** Values that a shell around a card could put in place of what the card reports. */
const lies: Readonly<Record<string, readonly unknown[]>> = {
  ver: ['0.9.0', '1.0.0', '1.0.1', '1.0.2', '1.0.3', '1.1.0', '9.9.9'],
  birth: [0, 700_000, 4_000_000_000],
  path: [[], [2 ** 31 + 84, 2 ** 31, 2 ** 31]],
  num_backups: [0, 1, 127],
  slots: [
    [0, 10],
    [1, 10],
    [9, 10],
    [10, 10],
  ],
  addr: ['bc1qalmj9rk2___muk4wcsrgny6'],
  tapsigner: [true, false],
  satschip: [true, false],
  testnet: [true],
  tampered: [true],
  auth_delay: [15],
  sealed: [true, false],
  used: [true, false],
};

/** Reported fields replaced, added or left out, in one answer and in all answers at once. */
export function* lieMutants(evidence: CardEvidence): Generator<Mutant> {
  const answers = evidence.transcript.map((exchange) => readMap(exchange.response));
  for (const [field, values] of Object.entries(lies)) {
    for (const value of [...values, undefined]) {
      const lied = (map: Map<unknown, unknown> | undefined) =>
        map && isStatus(map) ? withField(map, field, value) : undefined;
      const transcript = evidence.transcript.map((exchange, index) => {
        const map = lied(answers[index]);
        return map === undefined ? exchange : { ...exchange, response: writeMap(map) };
      });
      const name = `${field} = ${JSON.stringify(value) ?? 'left out'}`;
      yield { name: `everywhere ${name}`, evidence: { ...evidence, transcript } };
      for (const [index, map] of answers.entries()) {
        if (map === undefined) continue;
        const response = writeMap(withField(map, field, value));
        yield {
          name: `exchange ${index} ${name}`,
          evidence: withResponse(evidence, index, response),
        };
      }
    }
  }
}

/** Fields dropped, doubled and moved; lengths shifted; bytes added and cut. */
export function* structureMutants(evidence: CardEvidence): Generator<Mutant> {
  const answers = evidence.transcript.map((exchange) => readMap(exchange.response));
  for (const [index, { response }] of evidence.transcript.entries()) {
    const make = (name: string, bytes: Uint8Array): Mutant => ({
      name: `exchange ${index}, ${name}`,
      evidence: withResponse(evidence, index, bytes),
    });
    const body = response.subarray(0, -2);
    const status = response.subarray(-2);
    yield make('a byte more', concat(body, Uint8Array.of(0), status));
    yield make('a byte less', concat(body.subarray(0, -1), status));
    yield make('status alone', status);
    yield make('wrapped in an array', concat(Uint8Array.of(0x81), body, status));
    yield make('two maps', concat(body, body, status));
    const map = answers[index];
    if (map === undefined) continue;
    for (const [key, value] of map) {
      yield make(`without ${key}`, writeMap(withField(map, key, undefined)));
      yield make(`${key} doubled`, doubleField(map, key, value));
      yield make(`${key} as text`, writeMap(withField(map, key, 'text')));
      if (value instanceof Uint8Array) {
        yield make(`${key} longer`, writeMap(withField(map, key, concat(value, Uint8Array.of(0)))));
        yield make(`${key} shorter`, writeMap(withField(map, key, value.subarray(1))));
        yield make(`${key} zeroed`, writeMap(withField(map, key, new Uint8Array(value.length))));
        for (const [other, source] of answers.entries()) {
          for (const [name, moved] of source ?? []) {
            if (!(moved instanceof Uint8Array) || moved.length !== value.length) continue;
            yield make(`${key} from ${other}.${name}`, writeMap(withField(map, key, moved)));
          }
        }
      }
      if (Array.isArray(value)) {
        yield make(`${key} reversed`, writeMap(withField(map, key, value.toReversed())));
        yield make(`${key} emptied`, writeMap(withField(map, key, [])));
        yield make(`${key} grown`, writeMap(withField(map, key, [...value, ...value])));
        yield make(`${key} cut`, writeMap(withField(map, key, value.slice(0, -1))));
        yield make(`${key} beheaded`, writeMap(withField(map, key, value.slice(1))));
      }
    }
  }
}

type Answer = Map<unknown, unknown>;

function readMap(response: Uint8Array): Answer | undefined {
  const value: unknown = decode(response.subarray(0, -2), { useMaps: true });
  return value instanceof Map ? value : undefined;
}

function isStatus(map: Answer): boolean {
  return map.has('ver') && map.has('pubkey');
}

function withField(map: Answer, key: unknown, value: unknown): Answer {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

function writeMap(map: Answer): Uint8Array {
  return concat(encode(map), Uint8Array.of(0x90, 0x00));
}

/** The same key twice in one map, the second time with another value: no encoder writes that. */
function doubleField(map: Answer, key: unknown, value: unknown): Uint8Array {
  const whole = encode(map);
  const pair = concat(
    encode(key),
    encode(value instanceof Uint8Array ? value.toReversed() : value),
  );
  const count = (whole[0] ?? 0) + 1;
  return concat(Uint8Array.of(count), whole.subarray(1), pair, Uint8Array.of(0x90, 0x00));
}
